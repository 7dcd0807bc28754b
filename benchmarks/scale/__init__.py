"""One long run: does the memory stay flat, and what does a frame cost in time and bytes?"""
