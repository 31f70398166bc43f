"""Run the command `acredita`. A file holds one command or a group of related commands.

`main`            the entry point, and the exit code of every error
`lazy_commands`   the commands by name, with the file of each, imported when they run
`options`         options that several commands have
`act_options`     options of the commands of several hands
`reader_language`  `--lang` for each command, its help and its errors
`command_tree`    every command with its help, for completion and manual page
`exit_codes`      exit codes
`exit_for_error`  the exit code and the sentence of an error
`broken_pipe`     a reader of the output that leaves early

`verify`          `verify`
`bundle`          `bundle`
`proof`           `proof`
`audit`           `audit`, with some commands in files of their own:
`audit_archive`   `audit export`, `audit import`
`audit_compare`   `audit compare`
`audit_options`   options of those commands
`audit_report`    `audit report`, `audit verify-report`, `audit key`
`trust`           `trust`
`mirror`          `mirror`
`witness`         `witness`
`monitor`         `monitor`
`documents`       `documents`
`issue`           `issue`
`status`          `revoke`, `suspend`, `reinstate`, `correct`, `status`
`deliver`         `deliver`
`backup`          `backup`, `restore`, `forget`
`keys`            `keys`
`node`            `node`, with its groups and commands in files of their own:
`node_init`       `node init`
`node_join`       `node join`
`node_token`      `node token`
`node_trail`      `node trail`
`node_requeue`    `node requeue`
`node_mend`       `node mend`
`node_migrate`    `node migrate`
`index`           `index`
`registry`        `registry`
`account`         `account`
`council`         `council`, with its groups in files of their own:
`council_propose`  `council propose`, one command an act
`council_recovery`  `council recovery`
`network`         `network`
`agency`          `agency`
`institution`     `institution`
`programme`       `programme`
`scope`           `scope`
`inbox`           `inbox`
`party_commands`  commands by which one account does an act of its own
`demo`            `demo`
`devnet`          `devnet`
`completion`      `completion`
`manual`          `manual`
"""
