"""Studies behind the choices: each module is one command that runs DVC experiments and writes a table."""
