# What centre.md of the documentation tells an administrator to do; in development, with a CA of its own, on loopback.
cd /etc/conclave
umask 077
echo 246813 >keys/log.pin
echo 135792 >keys/act.pin
conclave key create --purpose log --pin-file keys/log.pin -o keys/log.json
conclave key create --purpose function --pin-file keys/act.pin -o keys/act.json
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
openssl req -x509 $new -days 30 -subj "/CN=Root of the trial" -keyout /trial/root.key -out tls/roots.pem 2>/dev/null
openssl req $new -subj "/CN=localhost" -keyout tls/key.pem -out /trial/server.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' >/trial/extensions
openssl x509 -req -in /trial/server.csr -CA tls/roots.pem -CAkey /trial/root.key -days 30 -extfile /trial/extensions -out tls/chain.pem 2>/dev/null
chown -R conclave: keys tls
# Before anything is right it says what is wrong, and touches nothing.
if runuser -u daemon -- conclave-server --config /etc/conclave/centre.toml --check-config; then exit 1; fi
sed -i 's/^listen = .*/listen = "127.0.0.1:8443"/; s/^development = .*/development = true/' centre.toml
runuser -u conclave -- conclave-server --config /etc/conclave/centre.toml --check-config
echo "another user is refused the keys; the user conclave passes --check-config"
