# Runs PostgreSQL for the tests and outlives them just long enough to clean up: when the test process ends, in whatever
# way, the pipe on standard input closes, `read` fails, and the server and its folder go.
# Arguments: the folder, and the folder of PostgreSQL's programs. Each order is answered `done` or `failed`.
folder=$1
programs=$2
server=
# An answer to a test process that has died must not end the keeper before it cleans up.
trap '' PIPE

# Letters fold as in a real installation, while texts sort by their bytes, as they do on SQLite.
initialise() {
    letters=C.UTF-8
    [ "$(uname)" != Darwin ] || letters=en_US.UTF-8
    "$programs/initdb" --pgdata="$folder/data" --username=provoco --auth=trust --encoding=UTF8 \
        --locale=C --lc-ctype=$letters --no-sync >>"$folder/log" 2>&1
}

# Careless about power cuts: what is lost with the machine is only a test's.
settings="-c shared_buffers=32MB -c fsync=off -c full_page_writes=off"

# As PostgreSQL comes. Before the start.
be_durable() {
    settings=
}

start() {
    "$programs/postgres" -D "$folder/data" -k "$folder" -p 5432 -c listen_addresses= \
        -c max_connections=300 $settings \
        -c synchronous_commit=on -c timezone=UTC -c log_min_messages=warning >>"$folder/log" 2>&1 &
    server=$!
}

stop() {
    [ -z "$server" ] || kill -QUIT "$server"
    wait
    server=
}

while read -r order; do
    "$order" && echo done || echo failed
done
stop
rm -rf "$folder"
