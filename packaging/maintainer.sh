# What the packages' scripts have in common; put in place of @MAINTAINER_FUNCTIONS@ when a package is made.

# Without a running systemd or udev (a chroot, an image being made) there is nothing to tell.
reload_devices() {
    [ -d /run/udev ] && command -v udevadm >/dev/null || return 0
    udevadm control --reload || true
    udevadm trigger --subsystem-match=usb --action=change || true
}

# For every account that is logged in; by its manager's own socket, since a minimal system has no bus for sessions.
# The account may stop, trace or replace whatever runs under its name: so nothing there has our terminal, descriptors or
# environment, and the time that it has runs under ours.
in_sessions() {
    for runtime in /run/user/*; do
        [ -S "$runtime/systemd/private" ] || continue
        account=${runtime##*/}
        timeout --signal=KILL 70 setsid --wait \
            setpriv --reuid="$account" --regid="$(id -g "$account")" --init-groups --no-new-privs \
            env -i PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$runtime" systemctl --user "$@" \
            </dev/null >/dev/null 2>&1 3>&- || true
    done
}

# Services that systemd knows, in every session and for the machine; then those that somebody started by hand.
# No listener may stay behind, and none may run on with files that are being replaced.
running() {
    for process in /proc/[0-9]*; do
        words=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
        case $words in
        /usr/lib/gaopai/bin/python3\ *) [ "${process#/proc/}" = $$ ] || echo "${process#/proc/}" ;;
        esac
    done
}

stop_all() {
    if [ -d /run/systemd/system ]; then
        if [ "$1" = upgrade ] && systemctl --quiet is-active gaopai.service; then
            touch /run/gaopai.upgrade
        fi
        in_sessions stop gaopai.service
        systemctl stop gaopai.service || true
    fi
    for signal in TERM KILL; do
        left=$(running)
        [ -n "$left" ] || return 0
        kill -s $signal $left 2>/dev/null || true
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            [ -n "$(running)" ] || return 0
            sleep 1
        done
    done
}

# What was stopped for an upgrade starts again, also where it was started by hand. An account that goes without has
# masked it.
start_again() {
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload || true
        in_sessions daemon-reload
        in_sessions start gaopai.service
        [ ! -e /run/gaopai.upgrade ] || systemctl start gaopai.service || true
    fi
    rm -f /run/gaopai.upgrade
}

# Nothing that is gone may be trusted: the certificate authority goes with the program that could renew it.
end_trust() {
    [ -e /usr/lib/gaopai/lib/python3.*/site-packages/server/cli/tls.py ] || return 0
    gaopai tls remove --system --all-users || true
}

# What the service for the whole machine kept. Pictures of accounts lie in their homes and stay.
forget() {
    rm -rf /var/lib/gaopai /var/lib/gaopai-access /var/lib/private/gaopai /var/lib/private/gaopai-access /etc/gaopai
}
