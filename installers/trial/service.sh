# The unit as it is installed, in a running systemd.
health() {
    curl --silent --show-error --fail --cacert /etc/conclave/tls/roots.pem https://localhost:8443/v1/health
}
# At most 30 s.
until_healthy() {
    for _ in $(seq 150); do
        if health >/trial/health 2>/dev/null; then return; fi
        sleep 0.2
    done
    journalctl --no-pager -u conclave-server | tail -n 20
    exit 1
}
systemctl enable --now conclave-server
until_healthy
echo "health: $(cat /trial/health)"
curl --silent --fail http://127.0.0.1:9464/metrics | head -n 2
pid=$(systemctl show -P MainPID conclave-server)
ps -o user=,pid=,args= -p "$pid"
grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$pid/status"
grep -q '^NoNewPrivs:[[:space:]]*1' "/proc/$pid/status"
grep -q '^Seccomp:[[:space:]]*2' "/proc/$pid/status"
grep -q '^CapBnd:[[:space:]]*0000000000000000' "/proc/$pid/status"
# It may write its state and nothing else.
for path in /etc/conclave /usr/bin /var/lib /var/log; do
    if nsenter --target "$pid" --mount -- setpriv --reuid=conclave --regid=conclave --clear-groups touch "$path/written" 2>/dev/null; then
        echo "it can write $path"
        exit 1
    fi
done
# Killed, it comes back with its records.
kill -KILL "$pid"
for _ in $(seq 150); do
    [ "$(systemctl show -P NRestarts conclave-server)" = 1 ] && break
    sleep 0.2
done
until_healthy
find /var/lib/conclave -maxdepth 2 -printf '%M %u %p\n' | sort -k 3
systemctl stop conclave-server
journalctl --sync
journalctl --no-pager -o cat -u conclave-server | grep '"closed"'
systemctl start conclave-server
until_healthy
echo "active, healthy over TLS, no capability, filtered; came back after SIGKILL; closed in order after SIGTERM"
