# What the scripts that open the real window share: a display of their own, the app on it, and how to wait.
# Sourced by them. Sets `work`, a folder that is gone at the end; `fail` ends with what the app said.

name=$(basename "$0")
patience=60
work=$(mktemp -d)
app='' window=''
helpers=()
export LIBGL_ALWAYS_SOFTWARE=1 TATAMI_HOME=$work/home
unset WAYLAND_DISPLAY

finish() {
    for process in $app "${helpers[@]}"; do
        kill "$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "$name: $1" >&2
    if [[ -n ${KEEP:-} && -n ${DISPLAY:-} ]]; then import -window root "$KEEP" 2>/dev/null || true; fi
    sed 's/^/    /' "$work/app.log" >&2 2>/dev/null || true
    exit 1
}

# until_true SECONDS COMMAND…
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.2
    done
}

alive() { kill -0 "$app" 2>/dev/null; }
gone() { ! alive; }
find_window() {
    alive || fail "the app ended before its window was there"
    window=$(xdotool search --onlyvisible --name '^Tatami' 2>/dev/null | head -n 1)
    [[ -n $window ]]
}

# A window with nothing in it has a handful of colours; text alone brings dozens.
least_colours=64
colours=0
painted() {
    alive || fail "the app ended"
    import -window "$window" "$work/window.png" 2>/dev/null || return 1
    colours=$(identify -format %k "$work/window.png")
    ((colours >= least_colours))
}

# The number is there once its line is whole.
has_display() { [[ -s $work/display && $(wc -l <"$work/display") -gt 0 ]]; }
# start_display WIDTHxHEIGHT
start_display() {
    rm -f "$work/display"
    Xvfb -displayfd 3 -screen 0 "$1x24" -nolisten tcp 3>"$work/display" >"$work/xvfb.log" 2>&1 &
    display_process=$!
    helpers+=("$display_process")
    until_true 20 has_display || fail "Xvfb does not start: $(tail -n 1 "$work/xvfb.log")"
    DISPLAY=:$(<"$work/display")
    export DISPLAY
}

end_display() {
    kill "$display_process" 2>/dev/null || true
    wait "$display_process" 2>/dev/null || true
}

# at_rest: waits until the window looks as it did a moment ago: nothing is being read, checked or sent.
at_rest() {
    local before='' now
    for ((round = 0; round < 3 * patience; round++)); do
        now=$(import -window root rgb:- 2>/dev/null | cksum)
        [[ $now != "$before" ]] || return 0
        before=$now
        sleep 0.4
    done
    return 1
}

# start_app BINARY FILE…
start_app() {
    "$@" >>"$work/app.log" 2>&1 &
    app=$!
    until_true "$patience" find_window || fail "no window named Tatami after $patience s"
    until_true "$patience" painted || fail "the window shows $colours colours; $least_colours are expected"
}

# Waits for the app to end well, after it was asked to.
end_app() {
    until_true 15 gone || fail "the app does not quit on $1"
    wait "$app" || fail "the app quit with status $?"
    app=''
    if grep -q panicked "$work/app.log"; then
        fail "something panicked"
    fi
}
