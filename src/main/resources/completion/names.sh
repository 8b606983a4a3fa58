# Names in a repository, one a line:  names.sh "image container" [REPOSITORY]   (single quotes are not possible here)
top=${2:-${BERTH_DIR:-${UDOCKER_DIR:-$HOME/.udocker}}}
case " $1 " in *" container "*)
    for entry in "${BERTH_CONTAINERS:-${UDOCKER_CONTAINERS:-$top/containers}}"/*; do
        # a name is a link to a folder, whose own name is an id
        [ -d "$entry" ] || continue
        case ${entry##*/} in *-*-*-*-*) ;; *) [ -L "$entry" ] || continue ;; esac
        printf "%s\n" "${entry##*/}"
    done ;;
esac
case " $1 " in *" image "*)
    images=${BERTH_REPOS:-${UDOCKER_REPOS:-$top/repos}}/
    find "$images" -name ".?*" -prune -o -name TAG -type f -print 2>/dev/null | while IFS= read -r file; do
        image=${file#"$images"}
        image=${image%/TAG}
        case ${image##*/} in
            sha256:*) printf "%s@%s\n" "${image%/*}" "${image##*/}" ;;
            *) printf "%s:%s\n" "${image%/*}" "${image##*/}" ;;
        esac
    done | sort ;;
esac
