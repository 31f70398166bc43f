"""Run the command `acredita`. A command is in the file of its name; `node trail` is in `node_trail`.

`main`            the entry point, and the exit code of every error
`lazy_commands`   the commands by name, imported when they run
`exit_codes`      exit codes
`exit_for_error`  the exit code and the sentence of an error
`broken_pipe`     a reader of the output that leaves early
"""
