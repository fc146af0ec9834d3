# The command, and a document child under the same restrictions as the centre's unit.
conclave tender check /trial/tender --language en | tail -n 3
ask="conclave doc info --json /trial/tender/tender.pdf"
layers() {
    journalctl --sync
    journalctl --no-pager -o cat -u "$1" | grep -E '"(rlimits|landlock|seccomp|unavailable)"' | tr -d ' ,' | tr '\n' ' '
}
systemd-run --quiet --wait --unit conclave-free $ask
sed -e '/^ExecStartPre=/d' -e "s|^ExecStart=.*|ExecStart=/usr/bin/$ask|" \
    -e 's/^Type=.*/Type=oneshot/' -e '/^Restart/d' -e 's|^ExecPaths=/usr/bin/conclave-server|ExecPaths=/usr/bin/conclave|' \
    /usr/lib/systemd/system/conclave-server.service >/run/systemd/system/conclave-child.service
systemctl daemon-reload
systemctl start conclave-child || { journalctl --no-pager -u conclave-child; exit 1; }
free=$(layers conclave-free)
confined=$(layers conclave-child)
rm /run/systemd/system/conclave-child.service
systemctl daemon-reload
echo "free:     $free"
echo "confined: $confined"
# The unit must not take a layer from the child that it has without the unit.
[ -n "$free" ]
[ "$free" = "$confined" ]
echo "tender package checked; the document child has the same layers inside the unit as outside: $confined"
