# Removed, purged, installed again, purged with the word.
export DEBIAN_FRONTEND=noninteractive
mkdir -p /var/lib/conclave/centre/records
echo "stands for a record" >/var/lib/conclave/centre/records/trial.sqlite
pid=$(systemctl show -P MainPID conclave-server)
[ "$pid" != 0 ]
apt-get -qq -y remove conclave-server conclave-desktop
if [ -d "/proc/$pid" ]; then echo "the centre still runs"; exit 1; fi
if command -v conclave-server || command -v conclave-desktop; then exit 1; fi
find /etc/systemd /run/systemd -name '*conclave*' | tee /trial/links
[ ! -s /trial/links ]
[ -s /etc/conclave/centre.toml ]
apt-get -qq -y purge conclave-server conclave-desktop
[ ! -e /etc/conclave/centre.toml ]
[ -s /var/lib/conclave/centre/records/trial.sqlite ]
[ -s /var/lib/conclave/at-rest.key ]
[ -s /etc/conclave/keys/act.json ]
getent passwd conclave
echo "kept after the purge:"
find / -xdev -path /trial -prune -o -path /var/cache -prune -o -path /var/log -prune -o -name '*conclave*' -print
# There is no network here: what they ask for is still installed.
apt-get -qq -y --no-install-recommends install /trial/*.deb
[ -s /var/lib/conclave/centre/records/trial.sqlite ]
for folder in /var/lib/conclave /var/lib/conclave-booth; do
    echo "remove everything kept here" >"$folder/remove-at-purge"
done
apt-get -qq -y purge conclave-server conclave-desktop
if grep conclave /etc/passwd /etc/group /etc/shadow /etc/gshadow; then exit 1; fi
echo "remove keeps configuration and data, purge keeps the data, purge with the word keeps nothing"
