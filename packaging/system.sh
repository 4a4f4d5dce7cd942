# What the folders of a distribution get; read by script/package and packaging/portable/package.

# Units, rules, configuration and documents below ROOT: system_files ROOT
system_files() {
    local root=$1 doc=$1/usr/share/doc/gaopai
    mkdir -p "$root/usr/bin" "$doc"
    ln -s ../lib/gaopai/bin/gaopai "$root/usr/bin/gaopai"
    install -D -m 644 packaging/systemd/system/gaopai.service "$root/usr/lib/systemd/system/gaopai.service"
    install -D -m 644 server/cli/gaopai.service "$root/usr/lib/systemd/user/gaopai.service"
    install -D -m 644 packaging/systemd/user/confined.conf "$doc/confined.conf"
    install -D -m 644 packaging/systemd/sysusers.conf "$root/usr/lib/sysusers.d/gaopai.conf"
    install -D -m 644 server/cli/69-gaopai.rules "$root/usr/lib/udev/rules.d/69-gaopai.rules"
    install -D -m 644 server/cli/gaopai.toml "$root/etc/gaopai/gaopai.toml"
    install -D -m 644 packaging/debian/gaopai.1 "$root/usr/share/man/man1/gaopai.1"
    install -m 644 packaging/debian/copyright SECURITY.md "$doc/"
    install -m 644 docs/install{,.zh}.md docs/administration{,.zh}.md "$doc/"
    install -D -m 644 -t "$doc/policies" packaging/policies/*.json
    gzip -9nc CHANGELOG.md >"$doc/CHANGELOG.md.gz"
    gzip -9n "$root/usr/share/man/man1/gaopai.1"
}

# Print the newest glibc that any library below FOLDER asks for.
newest_glibc() {
    find "$1" -type f \( -name '*.so' -o -name '*.so.*' -o -path '*/bin/*' \) -exec readelf --wide --version-info {} + 2>/dev/null |
        grep -oE 'Name: GLIBC_[0-9.]+' | cut -d_ -f2 | sort -uV | tail -n 1
}

# Print the size of what lies below ROOT in KiB, as Debian counts it: not as du, which asks the file system.
installed_size() {
    find "$1" -path "$1/DEBIAN" -prune -o -type f -printf '%s\n' -o -printf '1\n' |
        awk '{ size += int(($1 + 1023) / 1024) } END { print size }'
}

# Print one of a package's changelog, which names who made it.
changelog() {
    printf 'gaopai (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- %s  %s\n' "$1" "$maintainer" \
        "$(date -u -R -d "@$SOURCE_DATE_EPOCH")"
}

# Make FILE, a Debian package, out of ROOT: debian_package ROOT FILE VERSION ARCH LIBC DEPENDS [OPTION...] for dpkg-deb.
debian_package() {
    local root=$1 file=$2 version=$3 arch=$4 libc=$5 depends=$6 script
    shift 6
    mkdir -p "$root/DEBIAN"
    changelog "$version" | gzip -9n >"$root/usr/share/doc/gaopai/changelog.gz"
    install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/gaopai"
    for script in postinst prerm postrm; do
        sed -e '/^# @MAINTAINER_FUNCTIONS@/{r packaging/maintainer.sh' -e 'd}' "packaging/debian/$script" >"$root/DEBIAN/$script"
        chmod 755 "$root/DEBIAN/$script"
    done
    echo /etc/gaopai/gaopai.toml >"$root/DEBIAN/conffiles"
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    sed -e "s/@VERSION@/$version/; s/@MAINTAINER@/$maintainer/; s/@ARCH@/$arch/; s/@DEPENDS@/${depends:+$depends, }libc6 (>= $libc)/" \
        -e "s/@SIZE@/$(installed_size "$root")/" packaging/debian/control >"$root/DEBIAN/control"
    dpkg-deb --root-owner-group "$@" --build "$root" "$file" >/dev/null
}
