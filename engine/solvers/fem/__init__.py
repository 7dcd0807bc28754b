"""The slow, exact elastic solver on the host: implicit finite elements by Newton's method, the oracle of the fast one."""
