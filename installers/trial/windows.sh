# A desk under a virtual X display, and the booth through its own unit, with pictures.
conclave-desktop --version
mkdir -p /tmp/desk
chown daemon: /tmp/desk
Xvfb :7 -screen 0 1366x768x24 -nolisten tcp >/trial/xvfb.log 2>&1 &
display=$!
for _ in $(seq 100); do
    [ -S /tmp/.X11-unix/X7 ] && break
    sleep 0.2
done
runuser -u daemon -- env -i HOME=/tmp/desk PATH=/usr/bin:/bin LANG=C.UTF-8 DISPLAY=:7 \
    /usr/lib/conclave-desktop/open-workplace >/trial/desk.log 2>&1 &
desk=$!
# An empty screen is a small picture; a window with text is not.
for _ in $(seq 120); do
    DISPLAY=:7 scrot --overwrite /trial/desk.png
    [ "$(stat -c %s /trial/desk.png)" -gt 30000 ] && break
    sleep 0.5
done
sleep 3
DISPLAY=:7 scrot --overwrite /trial/desk.png
pkill -u daemon || true
wait "$desk" || true
kill "$display"
wait "$display" || true
rm -rf /tmp/desk
cat /trial/desk.log
[ "$(stat -c %s /trial/desk.png)" -gt 30000 ]

# No screen and no console here: the compositor draws into memory. Everything else of the unit is as installed.
mkdir -p /run/systemd/system/conclave-booth.service.d
cat >/run/systemd/system/conclave-booth.service.d/headless.conf <<'EOF'
[Unit]
ConditionPathExists=
[Service]
Environment=WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman
StandardInput=null
TTYPath=
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
UtmpIdentifier=
EOF
systemctl daemon-reload
systemctl start conclave-booth
run=/run/user/$(id -u conclave-booth)
shoot() {
    runuser -u conclave-booth -- env XDG_RUNTIME_DIR="$run" WAYLAND_DISPLAY=wayland-0 grim - >/trial/booth.png 2>/dev/null
}
for _ in $(seq 120); do
    if shoot && [ "$(stat -c %s /trial/booth.png)" -gt 30000 ]; then break; fi
    sleep 0.5
done
sleep 3
shoot || { journalctl --no-pager -u conclave-booth | tail -n 30; exit 1; }
ps -u conclave-booth -o args= | cut -c 1-100
# The program falls: it comes back.
pkill -KILL -u conclave-booth -f 'exe --workplace'
for _ in $(seq 100); do
    [ "$(systemctl show -P NRestarts conclave-booth)" -ge 1 ] && systemctl --quiet is-active conclave-booth && break
    sleep 0.2
done
systemctl --quiet is-active conclave-booth
systemctl stop conclave-booth
rm -r /run/systemd/system/conclave-booth.service.d
systemctl daemon-reload
[ "$(stat -c %s /trial/booth.png)" -gt 30000 ]
echo "a desk under X and the booth under cage, each with a picture; the booth came back after SIGKILL"
