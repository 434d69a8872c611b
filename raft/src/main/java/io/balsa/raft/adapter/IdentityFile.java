package io.balsa.raft.adapter;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/** A small file of keys and values, a line each, that says whose a directory is. The last line is a checksum of the others. */
final class IdentityFile {
    private static final String CHECKSUM_KEY = "checksum";

    private IdentityFile() {}

    /**
     * Reads what is there; see {@link #isWhole}.
     *
     * @throws IllegalArgumentException if there are not only keys and values
     */
    static Map<String, String> read(Path file) throws IOException {
        Map<String, String> content = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            int equals = line.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("has the line '" + line + "'");
            }
            content.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return content;
    }

    /** Whether what was read is what was written. */
    static boolean isWhole(Map<String, String> read) {
        return checksum(read).equals(read.get(CHECKSUM_KEY));
    }

    /** Replaces the file, durably and at once; with a checksum of its own. */
    static void write(Path file, Map<String, String> content) throws IOException {
        StringBuilder text = new StringBuilder();
        Map<String, String> lines = new LinkedHashMap<>(content);
        lines.remove(CHECKSUM_KEY);
        lines.put(CHECKSUM_KEY, checksum(content));
        lines.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.UTF_8), Syncer.DISK);
    }

    private static String checksum(Map<String, String> content) {
        Map<String, String> checked = new LinkedHashMap<>(content);
        checked.remove(CHECKSUM_KEY);
        CRC32C crc = new CRC32C();
        crc.update(checked.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
