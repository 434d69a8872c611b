package io.balsa.lock.fencing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The content of the file with the newest token: text, so that an operator can read it, with a checksum.
 *
 * <pre>
 * balsa-fence 1
 * token 42
 * crc32c 1f0a9c3e
 * </pre>
 */
final class FenceRecord {
    private static final int VERSION = 1;
    private static final String MAGIC = "balsa-fence ";
    private static final Pattern TEXT = Pattern.compile(MAGIC + "(\\d{1,9})\ntoken (\\d{1,19})\ncrc32c [0-9a-f]{8}\n");

    private FenceRecord() {}

    static byte[] encode(long token) {
        String checked = MAGIC + VERSION + "\ntoken " + token + "\n";
        CRC32C crc = new CRC32C();
        crc.update(checked.getBytes(US_ASCII));
        return (checked + String.format("crc32c %08x", crc.getValue()) + "\n").getBytes(US_ASCII);
    }

    /**
     * The reverse of {@link #encode}.
     *
     * @param file that the content is from, for messages
     */
    static long decode(byte[] content, Path file) throws FenceDamagedException {
        Matcher text = TEXT.matcher(new String(content, US_ASCII));
        if (!text.matches()) {
            throw new FenceDamagedException(file, "does not hold a token");
        }
        if (Integer.parseInt(text.group(1)) != VERSION) {
            throw new FenceDamagedException(
                    file,
                    "has format version " + text.group(1) + ", this is " + VERSION + ": use the program that wrote it");
        }
        try {
            long token = Long.parseLong(text.group(2));
            if (Arrays.equals(encode(token), content)) {
                return token;
            }
        } catch (NumberFormatException tooLarge) {
            // No token that this could have written.
        }
        throw new FenceDamagedException(file, "has a checksum that does not match");
    }
}
