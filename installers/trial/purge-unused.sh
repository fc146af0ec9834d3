# Installed, never started: a purge leaves nothing.
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -y purge conclave-server conclave-desktop
find / -xdev -path /trial -prune -o -path /var/cache -prune -o -path /var/log -prune -o -path '/var/lib/apt' -prune -o -name '*conclave*' -print >/trial/left
cat /trial/left
grep conclave /etc/passwd /etc/group /etc/shadow /etc/gshadow && exit 1
[ ! -s /trial/left ]
echo "no path and no account with the name is left"
