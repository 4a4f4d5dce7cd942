# The service in an environment of libraries; read by script/package and packaging/portable/package.

# Copy the service into the folder SITE, with kernels whose names end in SUFFIX: copy_service SITE SUFFIX
copy_service() {
    find server imgcore models synthetic -type f ! -path '*/__pycache__/*' ! -path 'models/training/*' \
        ! -name '*.pyx' ! -name '*.pxd' ! -name '*.c' \( ! -name '*.so' -o -name "*$2" \) -exec cp --parents -t "$1" {} +
}

# Write the service's metadata into SITE, from a copy without setup.py, which would compile the kernels.
write_metadata() {
    local site=$1 python=$2 folder=$3
    rm -rf "$folder" && mkdir -p "$folder/server" "$folder/made"
    cp pyproject.toml README.md LICENSE "$folder/"
    cp server/__init__.py "$folder/server/"
    (cd "$folder" && "$python" -c 'from setuptools.build_meta import prepare_metadata_for_build_wheel
prepare_metadata_for_build_wheel("made")' >made.log)
    cp -r "$folder/made"/*.dist-info "$site"
}

# Remove from SITE what only developers need, and what names the folder it was made in.
trim() {
    find "$1" -depth \( -name __pycache__ -o -path '*/numpy/*/tests' -o -path '*/numpy/tests' -o -name '*.pyi' \
        -o -path '*/numpy/_core/include' -o -path '*/numpy/_core/lib' -o -path '*/Cython' \) -exec rm -rf {} +
    find "$1" -maxdepth 2 -name direct_url.json -delete
    rm -f "$1"/_virtualenv.* "$1"/*.dist-info/uv_cache.json
}
