#!/usr/bin/env bash
# Takes a Debian 12 machine all the way: installs what is missing, builds stave, and shows on
# real records what the store does and why it is made that way.
set -euo pipefail
export LC_ALL=C.UTF-8 # the order of sort and comm, and bars in UTF-8
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

keep=no
case ${1:-} in
  '') ;;
  --keep) keep=yes ;;
  *)
    say 'usage: packaging/demo.sh [--keep]     --keep leaves the store behind for you to look at'
    [ "$1" = --help ] || [ "$1" = -h ] || exit 2
    exit 0
    ;;
esac

ensure_packages "${build_packages[@]}"
say "Building into $root/build/release (the first time takes a few minutes)"
# Without the tests, which need more packages; a tree that already has them is left as it is.
[ -f "$root/build/release/build.ninja" ] || configure release -DSTAVE_BUILD_TESTS=OFF
build_by=shown build release stave stave_cli

work=$(mktemp -d "${TMPDIR:-/tmp}/stave-demo.XXXXXX")
loader=
finish() {
  if [ -n "$loader" ]; then kill -KILL "$loader" 2>/dev/null || true; fi
  if [ $keep = yes ]; then say "Kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT

PATH=$(dirname "$(find "$root/build/release/src" -type f -name stave -perm -u+x)"):$PATH
library=$(find "$root/build/release/src" -name 'libstave.so.0')
records=$root/packaging/lib/demo_records.py
export STAVE_DIR=$work/store
cd "$work"

explain() { printf '%s\n' "$@" | sed 's/^/  /'; }
step=0
chapter() {
  step=$((step + 1))
  title "$step. $*"
}
# run COMMAND...: shows it as one would type it, then does it. `head=N run ...` shows N lines.
run() {
  printf '\n%s$' "$bold"
  printf ' %q' "$@"
  printf '%s\n' "$plain"
  if [ -n "${head:-}" ]; then
    "$@" >output.txt
    sed -n "1,${head}p" output.txt
    [ "$(wc -l <output.txt)" -le "$head" ] || say '...'
  else
    "$@"
  fi
}
# Small files, so that there are several to look at; no background merge, so that you see the
# state before one.
small=(-o max_file_size=8MiB -o merge.policy=never)

chapter 'Append: a put adds one record to the end of a log'
run stave put apple red
run stave put apple green
run ls -l "$STAVE_DIR"
explain '' \
  'Nothing was overwritten: the newest .log file holds both records, one after the other:'
log=$(find "$STAVE_DIR" -name '*.log' | sort | tail -n 1)
strings -a -t d "$log" | grep apple
explain "(byte offset, key and value as they lie in ${log##*/}; docs/format.md has every byte)"

chapter 'Look up: a directory in memory says where the newest record of a key lies'
run stave get apple --newline
explain '' \
  'The keydir has 16 bytes for each key: a place in a file and a hash of the key, not the key.' \
  'A get is one look-up, one read, and a comparison with the key in the record it read.'

chapter 'Load real records'
python3 "$records" make >records.tsv
explain "From this machine's package index: $(wc -l <records.tsv) records," \
  "$(du -h records.tsv | cut -f1) as TSV; the key is the package, the value its description."
run stave "${small[@]}" load records.tsv
first_key=$(head -n 1 records.tsv | cut -f1) # will be overwritten, not deleted
head=6 run stave get "$first_key" --newline
run stave stats

chapter 'Overwrite a third, delete a fifth'
python3 "$records" share records.tsv 3 0 >newer.tsv
python3 "$records" share records.tsv 5 1 | cut -f1 >gone.txt
run stave "${small[@]}" load newer.tsv
explain '' "\$ stave delete ...    ($(wc -l <gone.txt) keys)"
xargs -a gone.txt -d '\n' stave "${small[@]}" delete
explain '' \
  'Old versions still take room in the files where they lie; a delete is one more record, a' \
  'tombstone. The bars show what each file holds that nobody can read any more:'
run stave files
run stave stats

chapter 'Merge: copy what lives, drop what is dead'
stave list >before.tsv
run stave -o max_file_size=8MiB merge
run stave files
run stave stats
explain '' \
  'Beside each sealed file stands a .hint: its keys in order, so that the next start reads hints' \
  'and not data, and listing walks files in order.'
stave list >after.tsv
cmp before.tsv after.tsv
explain "All $(wc -l <after.tsv) records read the same before and after the merge."
still_there=$(cut -f1 after.tsv | sort | comm -12 - <(sort gone.txt) | wc -l)
[ "$still_there" -eq 0 ] || fail "$still_there deleted keys came back"
run stave verify

chapter 'Kill a writer in the middle of its work'
export STAVE_DIR=$work/crash
explain 'A loader reports every batch that the store acknowledged (ACK). After 50,000 records it' \
  'gets SIGKILL: no handler runs, nothing is flushed, whatever was half done stays half done.' \
  '' '$ stave load --ack - &    ...    kill -KILL'
: >acks
stave -q "${small[@]}" load --ack - < <(python3 "$records" rounds records.tsv 50) >acks &
loader=$!
until [ "$(tail -n 1 acks | cut -d' ' -f2)" -ge 50000 ] 2>/dev/null; do
  kill -0 "$loader" 2>/dev/null || fail 'the loader ended before it could be killed'
  sleep 0.01
done
kill -KILL "$loader"
# Bash tells of a killed job on its standard error; here it is told in our own words.
status=0
wait "$loader" 2>/dev/null || status=$?
loader=
[ "$status" -eq 137 ] || fail "the loader ended with status $status, not by SIGKILL"
# A line cut short by the kill is no acknowledgement.
acknowledged=$(grep -E '^ACK [0-9]+$' acks | tail -n 1 | cut -d' ' -f2)
explain "Killed after $acknowledged records were acknowledged. The next writer repairs what it finds:"
run stave -v put after-the-crash 'still here'
explain '' 'Every acknowledged record must be there, with the value that was written:'
stave list --prefix '' | grep -v '^after-the-crash' |
  python3 "$records" check records.tsv "$acknowledged"
run stave verify

chapter 'Read it from C, through dlopen'
export STAVE_DIR=$work/store
cc -std=c99 "-I$root/include" "$root/tests/samples/dlopen_sample.c" -o dlopen_sample -ldl
explain 'tests/samples/dlopen_sample.c knows stave.h and nothing else; it finds the library at run' \
  'time, as a plug-in host or the runtime of another language would.'
head=6 run ./dlopen_sample "$STAVE_DIR" "$library" "$first_key"

title 'That was all of it: append, look up, index, compact, recover.'
explain 'README.md says what is promised; docs/tour.md goes through the same steps by hand.'
