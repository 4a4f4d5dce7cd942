# What is made of the folder that runs anywhere; read by packaging/portable/package.

# Smaller in ten times the time, or fast.
strength() { if [ -n "$quick" ]; then echo "$1"; else echo "$2"; fi; }

# Copy FOLDER to where it is installed in a tree; the files are the same, with another name.
place() { mkdir -p "$2" && cp -al "$1/." "$2/"; }

make_tarball() {
    local folder=$1 file=$2 top=gaopai-$version-linux-${arch/loongarch64/loong64} tree=$work/tarball
    rm -rf "$tree" && place "$folder" "$tree"
    install -D -m 644 -t "$tree/share/gaopai" docs/install{,.zh}.md SECURITY.md CHANGELOG.md LICENSE \
        packaging/debian/copyright
    # In pieces that do not depend on how many processors there are.
    tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu \
        --transform="flags=rh;s,^\.,$top," -cf - -C "$tree" . | zstd --quiet --force -T2 -"$(strength 1 19)" -o "$file"
}

make_deb() {
    local folder=$1 file=$2 root=$work/deb
    rm -rf "$root" && mkdir -p "$root"
    place "$folder" "$root/usr/lib/gaopai"
    system_files "$root"
    # Not zstd, which Debian's own dpkg reads from version 12 on.
    debian_package "$root" "$file" "$version" "$debian" "$(newest_glibc "$folder")" "libstdc++6, zlib1g" \
        $(strength "-Zgzip -z1" "-Zxz -z6")
}

make_rpm() {
    local folder=$1 file=$2 root=$work/rpm
    rm -rf "$root" "$work/rpmbuild" && mkdir -p "$root"
    place "$folder" "$root/usr/lib/gaopai"
    system_files "$root"
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    sed -e '/^# @MAINTAINER_FUNCTIONS@/{r packaging/maintainer.sh' -e 'd}' packaging/portable/gaopai.spec >"$work/gaopai.spec"
    # The date of the build and the clerk's machine are in no package.
    rpmbuild -bb --quiet --target "$arch-linux" --buildroot "$work/rpmbuild/root" --define "_topdir $work/rpmbuild" \
        --define "_rpmdir $work/rpmbuild" --define "tree $root" --define "release_version ${version%+*}" \
        --define "glibc $(newest_glibc "$folder")" --define "_buildhost localhost" --define "_rpmformat 4" \
        --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
        --define "source_date_epoch_from_changelog 0" --define "build_mtime_policy clamp_to_source_date_epoch" \
        --define "_binary_payload $(strength w.ufdio w6.xzdio)" --define "packager $maintainer" \
        "$work/gaopai.spec" >"$work/rpmbuild.log" 2>&1 || { tail -n 20 "$work/rpmbuild.log" >&2; return 1; }
    mv "$work/rpmbuild/$arch/"*.rpm "$file"
}

# The layout of UOS' store: everything below /opt/apps, and no script; gaopai doctor --fix does what these do, with consent.
make_store() {
    local folder=$1 file=$2 root=$work/store id=org.gaopai.gaopai
    local app=$root/opt/apps/$id
    rm -rf "$root" && place "$folder" "$app/files"
    mkdir -p "$root/DEBIAN"
    sed -e "s/@VERSION@/${version%+*}/; s/@ARCH@/$debian/" packaging/portable/store/info >"$app/info"
    install -D -m 644 "packaging/portable/store/$id.desktop" "$app/entries/applications/$id.desktop"
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    (cd "$root" && find opt -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    sed -e "s/@VERSION@/$version/; s/@MAINTAINER@/$maintainer/; s/@ARCH@/$debian/; s/@LIBC@/$(newest_glibc "$folder")/" \
        -e "s/@SIZE@/$(installed_size "$root")/" packaging/portable/store/control >"$root/DEBIAN/control"
    dpkg-deb --root-owner-group $(strength -Znone "-Zxz -z6") --build "$root" "$file" >/dev/null
}

# All of them, out of FOLDER into OUTPUT: the same bytes wherever, whenever and by whomever they are made.
make_packages() {
    local folder=$1 output=$2
    umask 022
    make_tarball "$folder" "$output/gaopai-$version-linux-${arch/loongarch64/loong64}.tar.zst"
    make_deb "$folder" "$output/gaopai_${version}_$debian.deb"
    make_rpm "$folder" "$output/gaopai-$version-1.$arch.rpm"
    make_store "$folder" "$output/org.gaopai.gaopai_${version}_$debian.deb"
}
