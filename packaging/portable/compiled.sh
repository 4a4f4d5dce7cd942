# What is compiled beside the interpreter; read by packaging/portable/package.

environment=$cache/kernels-$minor

# A Python of this machine with the tools, and the numpy that the kernels will meet. It finds how the interpreter for the
# other processor was compiled: by a file of its own, as uv asks it apart from its environment (-I).
make_environment() {
    local python=$1 site
    if [ "$(cat "$environment/.made" 2>/dev/null)" != "$pins $made_from" ]; then
        uv venv --clear --python "$python" "$environment"
        uv pip install --python "$environment/bin/python" --require-hashes -r packaging/tools.txt
        uv pip install --python "$environment/bin/python" --require-hashes --no-deps -r <("$tools/bin/python" packaging/pinned.py numpy)
        echo "$pins $made_from" >"$environment/.made"
    fi
    site=$(echo "$environment"/lib/python3.*/site-packages)
    echo "$work/sysconfig" >"$site/$arch.pth"
}

# Run a command with the other compiler, as if on the processor that the folder is for.
as_target() {
    local data
    data=$(basename "$described"/_sysconfigdata__linux_*.py .py)
    rm -rf "$work/sysconfig"
    install -D -m 644 -t "$work/sysconfig" "$described/$data.py"
    # Neither products that are merged into sums, which other processors would not round alike, nor notes for debuggers.
    env PATH="$work/toolchain:$PATH" CC=cc LDSHARED="cc -shared -Wl,-s" _PYTHON_HOST_PLATFORM="linux-$arch" \
        _PYTHON_SYSCONFIGDATA_NAME="$data" PKG_CONFIG_LIBDIR=/nonexistent \
        LIBRARY_PATH= LDFLAGS="-L$work/stubs" \
        CFLAGS="-O3 -g0 -fPIC -fstack-protector-strong -ffp-contract=off $includes" "$@"
}

# A library that stands in for SANE's while python-sane is linked: the machine that runs it has the real one, or no scanners.
make_stubs() {
    mkdir -p "$work/stubs"
    grep -oE '\bsane_[a-z_]+ \(' "$sources/libsane-dev/usr/include/sane/sane.h" | sort -u |
        sed 's/^/void /; s/ ($/(void) {}/' >"$work/stubs/sane.c"
    "$work/toolchain/cc" -shared -Wl,-soname,libsane.so.1 -o "$work/stubs/libsane.so" "$work/stubs/sane.c"
}

# The two that have no wheels, once for each version of them and of what compiles them.
compile_libraries() {
    local folder=$1 key
    key=$(echo "$pins $made_from" | cat - packaging/portable/compiled.sh | sha256sum)
    [ "$(cat "$folder.made" 2>/dev/null)" != "$key" ] || return 0
    rm -rf "$folder" "$folder.cache"
    as_target "$tools/bin/uv" --no-config --quiet pip install --cache-dir "$folder.cache" --python "$environment/bin/python" \
        --target "$folder" --python-platform "$arch-manylinux_2_28" --no-deps --require-hashes \
        --no-build-isolation -r <("$tools/bin/python" packaging/pinned.py pyscard python-sane)
    rm -rf "$folder.cache"
    echo "$key" >"$folder.made"
}

# The kernels, compiled in a copy.
make_kernels() {
    local copy=$work/kernels key
    key=$(cat setup.py imgcore/kernels/*.p[yx][xd] "$environment/.made" packaging/portable/compiled.sh | sha256sum)
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
