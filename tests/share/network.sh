# A service in one network namespace, sane-airscan in another: found by mDNS, over TLS. Leaves nothing behind.
#
#   network.sh FOLDER PYTHON zeroconf|avahi
set -u
folder=$1 python=$2 way=$3 ours=$PWD
trap 'kill $(jobs -p) 2>/dev/null' EXIT
unshare -nm sleep 300 & server=$!
unshare -nm sleep 300 & client=$!
sleep 0.5
here() { nsenter -t $server -n -m --wd="$folder" "$@"; }
there() { nsenter -t $client -n -m --wd="$folder" "$@"; }
ip link add va netns $server type veth peer name vb netns $client || exit 77
here ip link set lo up
there ip link set lo up
here ip addr add 10.77.0.1/24 dev va
there ip addr add 10.77.0.2/24 dev vb
here ip link set va up
there ip link set vb up
here ip route add 224.0.0.0/4 dev va
there ip route add 224.0.0.0/4 dev vb

cd "$folder"
# Each side has a bus and a folder /run of its own.
avahi() { # SIDE NAME SETTING
  cat >$2.conf <<END
<busconfig><listen>unix:path=$folder/$2</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy></busconfig>
END
  printf '[server]\nhost-name=%s\nuse-ipv6=no\n[publish]\n%s\n' $2 $3 >$2.avahi
  dbus-daemon --config-file=$2.conf --nofork 2>/dev/null &
  for _ in $(seq 100); do [ -S $2 ] && break; sleep 0.1; done
  $1 mkdir -p /run/avahi-daemon
  DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/$2 $1 avahi-daemon -f "$folder/$2.avahi" \
    --no-drop-root --no-chroot --no-rlimits >$2.log 2>&1 &
  for _ in $(seq 100); do $1 test -S /run/avahi-daemon/socket && break; sleep 0.1; done
}
here mount -t tmpfs none /run
there mount -t tmpfs none /run
[ $way = zeroconf ] || avahi here counter publish-workstation=no
avahi there office disable-publishing=yes

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
DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/counter nsenter -t $server -n -m --wd="$ours" \
  "$python" -m server serve --demo --config "$folder/config.toml" --root "$folder/pictures" >log 2>&1 & service=$!
for _ in $(seq 600); do grep -q "is announced" log && break; sleep 0.1; done

export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$folder/office SANE_CONFIG_DIR=$folder/sane
mkdir -p sane/dll.d
echo airscan >sane/dll.conf
: >sane/airscan.conf
for _ in $(seq 5); do
  name=$(there timeout 30 scanimage -L | sed -n "s/^device \`\(airscan:[^']*Demo Document.*\)' is .*/\1/p")
  [ -n "$name" ] && break
  sleep 0.5
done
echo "found $name"
there timeout 30 avahi-browse --resolve --parsable --terminate _uscans._tcp | grep '^='
# A drawn camera on a busy machine may be late with its first frame.
for _ in $(seq 5); do
  there timeout 90 scanimage -d "$name" --resolution 100 --format=png -o page.png 2>&1 && break
done
there timeout 9 curl -s http://10.77.0.1:8090/eSCL/ScannerStatus
echo "plain $?"
there ip addr add 10.88.0.2/24 dev vb
here ip addr add 10.88.0.1/24 dev va
there timeout 9 curl -sk --interface 10.88.0.2 https://10.77.0.1:8090/eSCL/ScannerStatus
echo "stranger $?"
kill $service
wait $service
