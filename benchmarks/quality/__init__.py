"""Sets of pictures for the probes of the gate, and how what a stage makes of one is judged."""
