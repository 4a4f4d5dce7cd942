"""Other programs and libraries at the same stages, on the same pictures, judged in the same way.

They import nothing of the picture core but its types, so that a change of it leaves their figures as they
are. One that is not installed is left out.
"""
