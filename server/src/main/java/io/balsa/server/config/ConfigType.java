package io.balsa.server.config;

/** What kind of value a key of the configuration file takes, as the reference calls it. */
enum ConfigType {
    NAME("name: 1 to 64 letters, digits, `.`, `_` or `-`"),
    PATH("path"),
    HOST("host name or IP address, without a port"),
    PEER_PORT("port, 1 to 65535"),
    CLIENT_PORT("port, 1 to 65535, or 0 for one that the system chooses"),
    DURATION("duration like `100ms`, `2s` or `1m30s`, up to `10m`"),
    ROLE("`coordinator`"),
    FLAG("`true` or `false`"),
    LOG_STORAGE("`segment`, `segment-cached` or `chronicle`"),
    PRIORITY("whole number, 1 to 100"),
    PERCENT("whole number, 0 to 50"),
    COUNT("whole number, up to 1000000000"),
    SIZE("bytes like `64MiB`, with `B`, `KiB`, `MiB` or `GiB`, up to `1024GiB`"),
    TEXTS("mapping of texts to texts");

    private final String description;

    ConfigType(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }
}
