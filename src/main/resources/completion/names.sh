# Names in a repository, one a line:  names.sh "image container" [REPOSITORY]   (single quotes are not possible here)
# What the last of the files that berth reads its settings from says for one of these keys.
said() {
    berth=$(readlink -f "$(command -v berth)") || berth=/
    cat "${berth%/*}/../etc/berth.conf" /etc/udocker.conf /etc/berth.conf "$HOME/.udocker/udocker.conf" \
        "$HOME/.udocker/berth.conf" 2>/dev/null |
        sed -nE "s/^($1)[[:space:]]*[=:][[:space:]]*//p" | sed -nE "\$s/^[\"\x27]?([^\"\x27]*).*/\1/p"
}
top=${2:-${BERTH_DIR:-${UDOCKER_DIR:-$(said "topdir|repository")}}}
top=${top:-$HOME/.udocker}
containers=${BERTH_CONTAINERS:-${UDOCKER_CONTAINERS:-$(said containersdir)}}
images=${BERTH_REPOS:-${UDOCKER_REPOS:-$(said reposdir)}}
case " $1 " in *" container "*)
    for entry in "${containers:-$top/containers}"/*; do
        # a name is a link to a folder, whose own name is an id
        [ -d "$entry" ] || continue
        case ${entry##*/} in *-*-*-*-*) ;; *) [ -L "$entry" ] || continue ;; esac
        printf "%s\n" "${entry##*/}"
    done ;;
esac
case " $1 " in *" image "*)
    images=${images:-$top/repos}/
    find "$images" -name ".?*" -prune -o -name TAG -type f -print 2>/dev/null | while IFS= read -r file; do
        image=${file#"$images"}
        image=${image%/TAG}
        case ${image##*/} in
            sha256:*) printf "%s@%s\n" "${image%/*}" "${image##*/}" ;;
            *) printf "%s:%s\n" "${image%/*}" "${image##*/}" ;;
        esac
    done | sort ;;
esac
