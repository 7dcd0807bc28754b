"""Free bodies by the thousand: maximal coordinates, contacts found on a grid, block Gauss-Seidel over manifolds in colours."""
