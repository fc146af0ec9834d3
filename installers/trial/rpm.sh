# Installed by rpm into the clean root, scripts and all.
for program in conclave-server conclave conclave-desktop; do
    "/usr/bin/$program" --version
done
for folder in /etc/conclave/keys /etc/conclave/tls /var/lib/conclave; do
    [ "$(stat -c '%U %a' "$folder")" = "conclave 700" ]
done
[ "$(stat -c '%U %a' /var/lib/conclave-booth)" = "conclave-booth 700" ]
echo "programs start, folders and accounts are there"
