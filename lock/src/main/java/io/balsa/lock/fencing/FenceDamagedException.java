package io.balsa.lock.fencing;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The newest token of a fenced file can't be known, because the file that keeps it is damaged or gone. Nothing was written, and
 * nothing will be: with a token that is made up, an older holder could overwrite what a newer one wrote. The message says what an
 * operator can do.
 */
public final class FenceDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    FenceDamagedException(Path tokenFile, String why) {
        super("the newest fencing token is lost: " + tokenFile + " " + why
                + "; restore it, or, when certainly no holder of an"
                + " earlier token still works, delete it and " + FenceFiles.lockFileOf(tokenFile)
                + ", by which the fence begins anew");
    }
}
