# The folder that runs anywhere; read by packaging/portable/package.

described=$work/python/lib/python3.13
includes="-I$work/python/include/python3.13 -I$sources/libsane-dev/usr/include -I$sources/libpcsclite-dev/usr/include/PCSC"

# The wheels that are for glibc 2.28 or older, and the two libraries that have none, compiled.
install_libraries() {
    local site=$1
    uv pip install --python "$native" --target "$site" --python-platform "$arch-manylinux_2_28" --only-binary :all: \
        --no-deps --require-hashes -r <("$tools/bin/python" packaging/pinned.py --without opencv-contrib-python pyscard python-sane) \
        -r packaging/portable/opencv.txt
    compile_libraries "$work/compiled"
    cp -r "$work/compiled/." "$site/"
    rm -rf "$site/bin" "$site/.lock"
}

# The interpreter without what only developers need.
copy_interpreter() {
    local folder=$1 lib=$1/lib/python3.13
    mkdir -p "$folder/bin" "$folder/lib"
    cp "$work/python/bin/python3.13" "$folder/bin/python3.13"
    ln -s python3.13 "$folder/bin/python3"
    cp -r "$work/python/lib/python3.13" "$folder/lib/"
    rm -rf "$lib"/{config-3.13*,ensurepip,idlelib,pydoc_data,test,tkinter,turtle.py,turtledemo,venv,site-packages/*}
}

# Everything, in FOLDER.
make_folder() {
    local folder=$1 site=$1/lib/python3.13/site-packages suffix=.cpython-313-$arch-linux-gnu.so
    say "the folder for $arch"
    rm -rf "$folder"
    copy_interpreter "$folder"
    make_stubs
    make_environment "$native"
    install_libraries "$site"
    copy_service "$site" "$suffix"
    find "$site/imgcore" -name '*.so' -delete
    make_kernels "$site"
    write_metadata "$site" "$tools/bin/python" "$work/metadata"
    find "$folder" -name __pycache__ -prune -exec rm -rf {} +
    trim "$site"
    install -m 755 packaging/portable/gaopai "$folder/bin/gaopai"
    install -m 644 packaging/portable/gaopai.py "$folder/lib/gaopai.py"
    # By one process: which constants are written as references depends on what it compiled before.
    "$native" -m compileall -q --invalidation-mode unchecked-hash -s "$folder" -p /usr/lib/gaopai "$folder/lib/python3.13"
    find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}
