package io.balsa.lock.consul;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Names locks in Consul's key-values: each lock of any name has a key of its own that survives the path of a URL. */
final class ConsulKeys {
    /** Segments between slashes that no web server tidies up: not empty, and no dot at the beginning. */
    private static final Pattern PLAIN =
            Pattern.compile("[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*");

    private final String prefix;

    ConsulKeys(String prefix) {
        this.prefix = prefix;
    }

    String prefix() {
        return prefix;
    }

    /** As it is where that is safe, otherwise encoded: what is encoded holds a '%', a '+' or a leading '.', which nothing plain does. */
    String of(String lock) {
        if (PLAIN.matcher(lock).matches()) {
            return prefix + lock;
        }
        String encoded = URLEncoder.encode(lock, StandardCharsets.UTF_8);
        return prefix + (encoded.startsWith(".") ? "%2E" + encoded.substring(1) : encoded);
    }
}
