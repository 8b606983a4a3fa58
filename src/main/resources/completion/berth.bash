# shellcheck shell=bash
# Completes the command lines of berth and udocker. Made from berth's own commands when it is built.

# Each of these sets REPLY. COMMAND is as job/script, empty for the program itself.

# _berth_commands COMMAND: the commands below it
_berth_commands() {
    case $1 in
@COMMANDS@
        *) REPLY= ;;
    esac
}

# _berth_options COMMAND: its options
_berth_options() {
    case $1 in
@OPTIONS@
        *) REPLY= ;;
    esac
}

# _berth_value COMMAND OPTION: what its value is; status 1 when it has none
_berth_value() {
    case "$1 $2" in
@VALUES@
        *) return 1 ;;
    esac
}

# _berth_operand COMMAND NUMBER: what its operand of that number, from 0, is
_berth_operand() {
    case "$1 $2" in
@OPERANDS@
        *) REPLY=text ;;
    esac
}

# _berth_stops COMMAND: whether what follows the first operand belongs to a program
_berth_stops() {
    case $1 in
        @STOPS@) return 0 ;;
        *) return 1 ;;
    esac
}

# _berth_names KINDS [REPOSITORY]: images and containers, read from the repository's folders
_berth_names() {
    command sh -c '
@NAMES@' sh "$1" "${2:-}"
}

# The words up to the cursor, into `line`: bash splits them at ':' and '=', which images and options have inside.
_berth_words() {
    local rest=$COMP_LINE word i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then
            line+=("$word")
        else
            line[${#line[@]} - 1]+=$word
        fi
        rest=${rest#"${rest%%[![:blank:]]*}"}
        rest=${rest#"$word"}
    done
}

# _berth_offer KIND: what fits `current` goes to COMPREPLY
_berth_offer() {
    local word
    local -a words=()
    case $1 in
        text) return ;;
        file | program) mapfile -t COMPREPLY < <(compgen -f -- "$current"); compopt -o filenames 2> /dev/null; return ;;
        folder) mapfile -t COMPREPLY < <(compgen -d -- "$current"); compopt -o filenames 2> /dev/null; return ;;
        =*) read -ra words <<< "${1#=}" ;;
        *) mapfile -t words < <(_berth_names "$1" "$repository") ;;
    esac
    for word in "${words[@]}"; do
        [[ $word != "$current"* ]] || COMPREPLY+=("$word")
    done
}

_berth() {
    local current before='' command='' plain='' repository='' kind='' word breaks REPLY i last
    local -a line=() operands=()
    COMPREPLY=()
    _berth_words
    last=$((${#line[@]} - 1))
    for ((i = 1; i < last; i++)); do
        word=${line[i]}
        if [[ -z $plain && $word == -- ]]; then
            plain=1
        elif [[ -z $plain && $word == -?* ]]; then
            [[ $command$word != --repo=* ]] || repository=${word#*=}
            if [[ $word != --*=* ]] && _berth_value "$command" "$word"; then
                ((++i < last)) || kind=$REPLY
                [[ $command$word != --repo ]] || repository=${line[i]}
            fi
        else
            _berth_commands "$command"
            if [[ ${#operands[@]} == 0 && " $REPLY " == *" $word "* ]]; then
                command=${command:+$command/}$word
            else
                operands+=("$word")
                ! _berth_stops "$command" || plain=1
            fi
        fi
    done
    current=${line[last]}
    if [[ -z $kind && -z $plain && $current == --*=* ]]; then
        before=${current%%=*}
        _berth_value "$command" "$before" || return
        kind=$REPLY before=$before= current=${current#*=}
    elif [[ -z $kind && -z $plain && $current == -* ]]; then
        _berth_options "$command"
        kind="=$REPLY"
    elif [[ -z $kind ]]; then
        _berth_commands "$command"
        kind="=$REPLY"
        if [[ -z $REPLY ]]; then
            _berth_operand "$command" "${#operands[@]}"
            kind=$REPLY
        fi
        if [[ $kind == command ]]; then
            printf -v word '%s/' "${operands[@]}"
            _berth_commands "${word%/}"
            kind="=$REPLY"
        fi
    fi
    _berth_offer "$kind"
    # bash keeps what stands before its own last word
    breaks=${COMP_WORDBREAKS//[!:=]/}
    current=$before$current
    word=
    [[ -z $breaks || $current != *["$breaks"]* ]] || word=${current%"${current##*["$breaks"]}"}
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=$before${COMPREPLY[i]}
        COMPREPLY[i]=${COMPREPLY[i]#"$word"}
    done
}

complete -F _berth berth udocker
