# The folder that brings everything, of Debian's packages; read by packaging/portable/package.
#
# For a processor that has no wheels. Debian's are made for its newest C library, which therefore comes with them, and with its
# loader: what runs there asks the system for none but Linux itself.

suite=forky debs=$work/debian/files
described=$debs/usr/lib/python3.14 includes="-I$debs/usr/include/python3.14 -I$debs/usr/include"
# Whatever is compiled against, it is not Debian's C library. The bill of materials reads versions there.
made_from=$suite sources=$work/debian
newest_glibc() { echo 2.36; } # the first that knows the processor; the one that comes with it is newer
packages=(python3.14-minimal libpython3.14-minimal libpython3.14-stdlib)
modules=(python3-numpy python3-opencv python3-onnxruntime python3-aiohttp python3-multidict python3-yarl python3-frozenlist
    python3-propcache python3-msgspec python3-uvloop python3-av python3-sane python3-pyscard python3-pikepdf python3-lxml
    python3-pil python3-cryptography python3-cffi-backend python3-zxing-cpp python3-pybase64)
# Only compiled against.
headers=(libpython3.14-dev)
# Wheels without machine code, pinned as for all.
pure=(aiohappyeyeballs aiosignal attrs idna img2pdf packaging prometheus-client pyserial python-docx pyudev pyusb pyzbar
    tomlkit typing-extensions xlsxwriter)
carried() { "$tools/bin/python" packaging/portable/carried.py "$@"; }

# A Python of this machine of the same version: bytecode is written by none but that.
make_native() {
    local own
    own=$(dpkg --print-architecture)
    carried fetch "$cache/native" $suite "$own" "${packages[@]}"
    native=$cache/native/python3
    printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
        "$(echo "$cache"/native/files/usr/lib*/ld-linux*.so.*)" "$(dirname "$(find "$cache/native/files/usr/lib" -name libc.so.6)")" \
        "$cache/native/files/usr/bin/python3.14" >"$native"
    chmod +x "$native"
}

# Modules of Debian for this Python, and the wheels. simplejpeg is in neither: previews are then encoded by OpenCV.
copy_site() {
    local site=$1 from
    mkdir -p "$site"
    for from in "$debs"/usr/lib/python3/dist-packages "$described/dist-packages"; do
        [ ! -e "$from" ] || cp -r "$from/." "$site/"
    done
    find "$site" -name '*.cpython-3*.so' ! -name '*.cpython-314-*' -delete
    "$tools/bin/python" packaging/pinned.py "${pure[@]}" >"$work/pure.txt"
    "$tools/bin/python" -m pip --quiet --disable-pip-version-check install --target "$site" --upgrade --no-deps --require-hashes \
        --only-binary :all: --python-version 3.14 --implementation py --abi none --platform any --no-compile -r "$work/pure.txt"
    rm -rf "$site/bin"
}

# Debian's onnxruntime and onnx register each operator twice, and tell of it in 1200 lines when operators are first asked for,
# which is to be when they are imported: into memory, as a confined process may open no file to write.
quieten_onnxruntime() {
    local file=$1/onnxruntime/capi/_pybind_state.py
    sed -i '/^from \.onnxruntime_pybind11_state import/d' "$file"
    cat >>"$file" <<'END'
_said, _unsaid = os.dup(2), os.memfd_create("unsaid")
os.dup2(_unsaid, 2)
try:
    from .onnxruntime_pybind11_state import *  # noqa
    set_default_logger_severity(2)
    get_all_operator_schema()
finally:
    os.dup2(_said, 2)
    os.close(_said)
    os.close(_unsaid)
END
}

# Everything, in FOLDER.
make_folder() {
    local folder=$1 lib=$1/lib/python3.14 site=$1/lib/python3.14/site-packages suffix=.cpython-314-loongarch64-linux-gnu.so
    say "the folder for $arch"
    carried fetch "$work/debian" $suite "$debian" "${packages[@]}" "${modules[@]}" "${headers[@]}"
    make_native
    packaging/portable/toolchain "$arch" "$work/toolchain" "$zig"
    make_environment "$tools/bin/python"
    rm -rf "$folder" && mkdir -p "$folder/bin" "$folder/lib"
    install -m 755 "$debs/usr/bin/python3.14" "$folder/bin/python3.14"
    install -m 755 packaging/portable/python3 "$folder/bin/python3"
    cp -r "$described" "$folder/lib/"
    find "$lib" \( -name __pycache__ -o -name 'config-3.14*' -o -name ensurepip -o -name idlelib -o -name pydoc_data -o -name test \
        -o -name tkinter -o -name turtle.py -o -name turtledemo -o -name venv -o -name dist-packages -o -name sitecustomize.py \) -prune -exec rm -rf {} +
    find "$lib/lib-dynload" -regextype posix-extended -regex \
        '.*/(readline|nis|_(bz2|lzma|uuid|tkinter|remote_debugging|curses[a-z_]*|g?dbm|test[a-z_]*|xx[a-z_]*|ctypes_test))\..*' -delete
    copy_site "$site"
    quieten_onnxruntime "$site"
    ln -s site-packages "$lib/dist-packages"
    copy_service "$site" "$suffix"
    find "$site/imgcore" -name '*.so' -delete
    make_kernels "$site"
    write_metadata "$site" "$tools/bin/python" "$work/metadata"
    carried collect "$work/debian" "$folder" "$folder/lib/$debian" "$work/toolchain/cc"
    copyrights "$folder/share/doc"
    find "$folder" -name __pycache__ -prune -exec rm -rf {} +
    trim "$site"
    install -m 755 packaging/portable/gaopai "$folder/bin/gaopai"
    install -m 644 packaging/portable/gaopai.py "$folder/lib/gaopai.py"
    "$native" -m compileall -q --invalidation-mode unchecked-hash -s "$folder" -p /usr/lib/gaopai "$lib"
    find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# Whose work is carried, and under which terms.
copyrights() {
    local doc
    for doc in "$debs"/usr/share/doc/*/copyright; do
        doc=$(dirname "$doc")
        [ ! -f "$doc/copyright" ] || install -D -m 644 "$doc/copyright" "$1/$(basename "$doc")/copyright"
    done
}
