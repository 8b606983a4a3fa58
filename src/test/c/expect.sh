# Sentences that are to hold, counted; for the scripts beside it.
# shellcheck shell=bash disable=SC2034 # the counts are read by who includes this

passed=0 failed=0
expect() { # SENTENCE WANTED FOUND
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		echo "ok   $1"
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		printf '     wanted: %q\n     found:  %q\n' "$2" "$3"
	fi
}
has() { # SENTENCE TEXT PART
	case $2 in *"$3"*) expect "$1" yes yes ;; *) expect "$1" "...$3..." "$2" ;; esac
}
