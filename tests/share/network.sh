# A service in one network namespace, sane-airscan in another: found by mDNS, over TLS. Leaves nothing behind.
#
#   network.sh FOLDER PYTHON
set -u
folder=$1 python=$2 ours=$PWD
trap 'kill $(jobs -p) 2>/dev/null' EXIT
unshare -n sleep 300 & server=$!
unshare -n sleep 300 & client=$!
sleep 0.5
here() { nsenter -t $server -n "$@"; }
there() { nsenter -t $client -n "$@"; }
ip link add va netns $server type veth peer name vb netns $client || exit 77
here ip link set lo up
there ip link set lo up
here ip addr add 10.77.0.1/24 dev va
there ip addr add 10.77.0.2/24 dev vb
here ip link set va up
there ip link set vb up
here ip route add 224.0.0.0/4 dev va
there ip route add 224.0.0.0/4 dev vb
there ip addr add 10.88.0.2/24 dev vb
here ip addr add 10.88.0.1/24 dev va

cd "$folder"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=10.77.0.1 \
  -addext subjectAltName=IP:10.77.0.1 2>/dev/null
chmod 600 key.pem
cat >>config.toml <<END
[server]
tls = true
certificate = "$folder/cert.pem"
key = "$folder/key.pem"
[share]
enabled = true
host = "10.77.0.1"
allow = ["10.77.0.0/24"]
devices = ["Demo Document Camera"]
END
(cd "$ours" && exec nsenter -t $server -n "$python" -m server serve --demo --config "$folder/config.toml" \
  --root "$folder/pictures") >log 2>&1 &

cat >bus.conf <<END
<busconfig><listen>unix:path=$folder/bus</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
END
dbus-daemon --config-file=bus.conf --nofork 2>/dev/null &
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/bus SANE_CONFIG_DIR=$folder/sane
printf '[server]\nuse-ipv6=no\n[publish]\ndisable-publishing=yes\n' >avahi.conf
for _ in $(seq 300); do grep -q "is announced" log && break; sleep 0.1; done
there unshare -m sh -c "mount -t tmpfs none /run && mkdir -p /run/avahi-daemon &&
  exec avahi-daemon -f $folder/avahi.conf --no-drop-root --no-chroot --no-rlimits" >avahi.log 2>&1 &
mkdir -p sane/dll.d
echo airscan >sane/dll.conf
: >sane/airscan.conf
for _ in $(seq 5); do
  name=$(there timeout 30 scanimage -L | sed -n "s/^device \`\(airscan:[^']*Demo Document.*\)' is .*/\1/p")
  [ -n "$name" ] && break
  sleep 0.5
done
echo "found $name"
# A drawn camera on a busy machine may be late with its first frame.
for _ in $(seq 5); do
  there timeout 90 scanimage -d "$name" --resolution 100 --format=png -o page.png 2>&1 && break
done
there timeout 9 curl -s http://10.77.0.1:8090/eSCL/ScannerStatus
echo "plain $?"
there timeout 9 curl -sk --interface 10.88.0.2 https://10.77.0.1:8090/eSCL/ScannerStatus
echo "stranger $?"
