#compdef berth udocker
# Completes the command lines of berth and udocker. Made from berth's own commands when it is built.

# _berth_names KINDS: images and containers, read from the repository's folders
_berth_names() {
    local -a names
    names=(${(f)"$(command sh -c '
@NAMES@' sh "$1" "$_berth_repository")"})
    compadd -a names
}

# _berth_below FUNCTION: hands on to the function of the command below
_berth_below() {
    local function=$1_${words[1]}
    (( $+functions[$function] )) && $function
}

@FUNCTIONS@
_berth() {
    local _berth_repository=
    integer i
    for (( i = 2; i < CURRENT; i++ )); do
        case $words[i] in
            --repo=*) _berth_repository=${words[i]#*=} ;;
            --repo) _berth_repository=$words[i+1] ;;
            -*) ;;
            *) break ;;
        esac
    done
    _berth_at
}

_berth "$@"
