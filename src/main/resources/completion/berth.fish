# Completes the command lines of berth and udocker. Made from berth's own commands when it is built.

# __berth_names KINDS: images and containers, read from the repository's folders
function __berth_names
    __berth_read
    command sh -c '
@NAMES@' sh "$argv[1]" "$__berth_repository"
end

# __berth_commands COMMAND: the commands below it
function __berth_commands
    switch "$argv[1]"
@COMMANDS@
    end
end

# __berth_value COMMAND OPTION: whether its value is the next word
function __berth_value
    switch "$argv[1] $argv[2]"
        case @VALUES@
            return 0
    end
    return 1
end

# Reads the words before the cursor: the command as job/script, the number of its operands, the repository.
function __berth_read
    set -l words (commandline -opc)
    set -q __berth_words; and test "$words" = "$__berth_words"; and return
    set -g __berth_words $words
    set -g __berth_command ''
    set -g __berth_operands 0
    set -g __berth_plain ''
    set -g __berth_repository ''
    set -l i 1
    while test $i -lt (count $words)
        set i (math $i + 1)
        set -l word $words[$i]
        if test -z "$__berth_plain"; and test "$word" = --
            set __berth_plain 1
        else if test -z "$__berth_plain"; and string match -q -- '-?*' "$word"
            if string match -q -- '--repo=*' "$word"
                set __berth_repository (string replace -- '--repo=' '' "$word")
            else if not string match -q -- '--*=*' "$word"; and __berth_value "$__berth_command" "$word"
                set i (math $i + 1)
                test "$word" = --repo; and set __berth_repository $words[$i]
            end
        else if test $__berth_operands = 0; and contains -- "$word" (__berth_commands "$__berth_command")
            set __berth_command (string trim -l -c / "$__berth_command/$word")
        else
            set __berth_operands (math $__berth_operands + 1)
            switch "$__berth_command"
                case @STOPS@
                    set __berth_plain 1
            end
        end
    end
end

# __berth_at COMMAND [NUMBER]: whether the cursor is at its options, or at its operand of that number
function __berth_at
    __berth_read
    test "$__berth_command" = "$argv[1]"; or return 1
    if set -q argv[2]
        test $__berth_operands = $argv[2]
    else
        test -z "$__berth_plain"
    end
end

# __berth_after COMMAND NUMBER: whether the cursor is at that operand or a later one
function __berth_after
    __berth_read
    test "$__berth_command" = "$argv[1]"; and test $__berth_operands -ge $argv[2]
end

complete -c udocker -w berth
complete -c berth -f
@COMPLETIONS@
