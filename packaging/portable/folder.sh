# The folder that runs anywhere; read by packaging/portable/package.

# Run a command with the other compiler, as if on the processor that the folder is for.
as_target() {
    local python=$work/python headers=$sources
    local data
    data=$(basename "$python"/lib/python3.13/_sysconfigdata_*.py .py)
    rm -rf "$work/sysconfig"
    install -D -m 644 -t "$work/sysconfig" "$python/lib/python3.13/$data.py"
    # Neither products that are merged into sums, which other processors would not round alike, nor notes for debuggers.
    env PATH="$work/toolchain:$PATH" CC=cc LDSHARED="cc -shared -Wl,-s" _PYTHON_HOST_PLATFORM="linux-$arch" \
        _PYTHON_SYSCONFIGDATA_NAME="$data" PYTHONPATH="$work/sysconfig" PKG_CONFIG_LIBDIR=/nonexistent \
        LIBRARY_PATH= LDFLAGS="-L$work/stubs" \
        CFLAGS="-O3 -g0 -fPIC -fstack-protector-strong -ffp-contract=off -ffile-prefix-map=$PWD=. \
-I$python/include/python3.13 -I$headers/libsane-dev/usr/include -I$headers/libpcsclite-dev/usr/include/PCSC" "$@"
}

# Libraries that are linked by name alone: what they hold comes with the machine that runs it.
make_stubs() {
    mkdir -p "$work/stubs"
    "$work/toolchain/cc" -shared -Wl,-soname,libsane.so.1 -o "$work/stubs/libsane.so" -x c /dev/null
}

# The wheels that are for glibc 2.28 or older, and the two libraries that have none, compiled.
install_libraries() {
    local site=$1
    uv pip install --python "$native" --target "$site" --python-platform "$arch-manylinux_2_28" --only-binary :all: \
        --no-deps --require-hashes -r <("$tools/bin/python" packaging/pinned.py --without opencv-contrib-python pyscard python-sane) \
        -r packaging/portable/opencv.txt
    as_target "$tools/bin/uv" --no-config --quiet pip install --cache-dir "$work/uv" --python "$native" --target "$site" \
        --python-platform "$arch-manylinux_2_28" --no-deps --require-hashes --build-constraints packaging/tools.txt \
        -r <("$tools/bin/python" packaging/pinned.py pyscard python-sane)
    rm -rf "$site/bin" "$site/.lock"
}

# The kernels, compiled in a copy, against the numpy that they will meet.
make_kernels() {
    local environment=$cache/kernels copy=$work/kernels
    if [ "$(cat "$environment/.made" 2>/dev/null)" != "$pins $made_from" ]; then
        uv venv --clear --python "$native" "$environment"
        uv pip install --python "$environment/bin/python" --require-hashes -r packaging/tools.txt
        uv pip install --python "$environment/bin/python" --require-hashes --no-deps -r <("$tools/bin/python" packaging/pinned.py numpy)
        echo "$pins $made_from" >"$environment/.made"
    fi
    local key
    key=$(cat setup.py imgcore/kernels/*.p[yx][xd] "$environment/.made" packaging/portable/folder.sh | sha256sum)
    if [ "$(cat "$copy/.made" 2>/dev/null)" != "$key" ]; then
        rm -rf "$copy" && mkdir -p "$copy/imgcore"
        cp setup.py "$copy/" && cp -r imgcore/kernels "$copy/imgcore/"
        rm -f "$copy"/imgcore/kernels/*.so "$copy"/imgcore/kernels/*.c
        touch "$copy/imgcore/__init__.py"
        (cd "$copy" && as_target "$environment/bin/python" setup.py --quiet build_ext --inplace --parallel "$(nproc)")
        echo "$key" >"$copy/.made"
    fi
    cp "$copy"/imgcore/kernels/*.so "$1/imgcore/kernels/"
}

# The interpreter without what only developers need.
copy_interpreter() {
    local folder=$1 lib=$1/lib/python3.13
    mkdir -p "$folder/bin" "$folder/lib"
    cp "$work/python/bin/python3.13" "$folder/bin/python3.13"
    ln -s python3.13 "$folder/bin/python3"
    cp -r "$work/python/lib/python3.13" "$folder/lib/"
    rm -rf "$lib"/{config-3.13*,ensurepip,idlelib,pydoc_data,test,tkinter,turtle.py,turtledemo,venv,site-packages/*}
    # Flags of the compiler name folders of this machine.
    sed -i -E "s#-ffile-prefix-map=[^ ']*##g; s#$work/python\.build[^ ']*#.#g; s#$cache[^ ']*#.#g" "$lib"/_sysconfigdata_*.py
}

# Everything, in FOLDER.
make_folder() {
    local folder=$1 site=$1/lib/python3.13/site-packages suffix=.cpython-313-$arch-linux-gnu.so
    say "the folder for $arch"
    rm -rf "$folder"
    copy_interpreter "$folder"
    make_stubs
    install_libraries "$site"
    copy_service "$site" "$suffix"
    find "$site/imgcore" -name '*.so' -delete
    make_kernels "$site"
    write_metadata "$site" "$tools/bin/python" "$work/metadata"
    find "$folder" -name __pycache__ -prune -exec rm -rf {} +
    trim "$site"
    install -m 755 packaging/portable/gaopai "$folder/bin/gaopai"
    install -m 644 packaging/portable/gaopai.py "$folder/lib/gaopai.py"
    "$native" -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "$folder" -p /usr/lib/gaopai "$folder/lib/python3.13"
    find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}
