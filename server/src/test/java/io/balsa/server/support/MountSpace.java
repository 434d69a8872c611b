package io.balsa.server.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A mount namespace in which a test may mount what it likes: nobody else sees it, and nothing of it is left when the last
 * process in it has ended, however that comes.
 *
 * <p>Made by root directly, else in a user namespace of its own, where the system permits that.
 */
public final class MountSpace implements AutoCloseable {
    /** FS_IOC_SHUTDOWN with the flag that not even the journal is flushed: {@code _IOR('X', 125, __u32)} and 2. */
    private static final String POWER_OFF =
            "perl -e 'foreach (@ARGV) { open(my $f, q{<}, $_) or die qq{$_: $!}; my $how = pack(q{L}, 2);"
                    + " ioctl($f, 0x8004587d, $how) or die qq{$_: $!} }'";

    private final Process holder;
    private final List<String> wrapper;

    private MountSpace(Process holder, List<String> wrapper) {
        this.holder = holder;
        this.wrapper = wrapper;
    }

    /** Makes one; where the machine does not permit it, the test is skipped, or fails in continuous integration. */
    public static MountSpace open() {
        List<String> unshare = unshare();
        Host.Result probe = Host.run(join(unshare, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"));
        Host.require(probe.isSuccess(), "mounting in a namespace of its own is not permitted: " + probe.output());
        Process holder = Host.start(join(unshare, "sh", "-c", "echo made; exec cat"));
        awaitMade(holder);
        String namespaces = "/proc/" + holder.pid() + "/ns/";
        List<String> wrapper = Host.isRoot()
                ? List.of("nsenter", "--mount=" + namespaces + "mnt")
                : List.of(
                        "nsenter",
                        "--user=" + namespaces + "user",
                        "--mount=" + namespaces + "mnt",
                        "--preserve-credentials");
        return new MountSpace(holder, wrapper);
    }

    private static List<String> unshare() {
        return Host.isRoot()
                ? List.of("unshare", "--mount")
                : List.of("unshare", "--user", "--map-root-user", "--mount");
    }

    private static void awaitMade(Process holder) {
        try {
            BufferedReader printed = holder.inputReader();
            assertThat(printed.readLine()).as("the namespace").isEqualTo("made");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What starts a process in here. */
    public List<String> wrapper() {
        return wrapper;
    }

    /** Runs a shell script in here, which must succeed. */
    public void run(String script) {
        Host.Result result = Host.run(join(wrapper, "sh", "-c", "set -e; PATH=$PATH:/usr/sbin:/sbin; " + script));
        assertThat(result.exitCode()).as("%s: %s", script, result.output()).isZero();
    }

    /** Mounts an empty file system in memory. */
    public void mountTmpfs(Path directory, int megabytes) {
        makeDirectory(directory);
        run("mount -t tmpfs -o size=%dm none '%s'".formatted(megabytes, directory));
    }

    /** Gives a file system in memory another size. */
    public void resizeTmpfs(Path directory, int megabytes) {
        run("mount -o remount,size=%dm '%s'".formatted(megabytes, directory));
    }

    /**
     * Makes an ext4 file system in a file, and mounts it. Where there are no loop devices, the test is skipped, or fails in
     * continuous integration.
     */
    public void mountDisk(Path image, Path directory) {
        Host.require(
                Host.isRoot()
                        && Files.exists(Path.of("/dev/loop-control"))
                        && Host.has("mkfs.ext4")
                        && Host.has("perl"),
                "a disk whose power can be cut needs root, loop devices, mkfs.ext4 and perl");
        makeDirectory(directory);
        run("truncate -s 512M '%s' && mkfs.ext4 -q -F '%s'".formatted(image, image));
        plugIn(image, directory);
    }

    /** Mounts a disk whose power was cut; what its journal holds is recovered, as after a crash of the machine. */
    public void plugIn(Path image, Path directory) {
        run("mount -o loop '%s' '%s'".formatted(image, directory));
    }

    /**
     * Cuts the power of disks: whatever was not synced is gone, and every access fails from here on. What the kernel wrote
     * back by itself stays, as it may on a real disk.
     */
    public void cutPower(List<Path> directories) {
        StringBuilder script = new StringBuilder(POWER_OFF);
        directories.forEach(directory -> script.append(" '").append(directory).append('\''));
        run(script.toString());
    }

    /** Takes a disk out whose power was cut, when nobody uses it any more. */
    public void unplug(Path directory) {
        run("umount '%s'".formatted(directory));
    }

    private static void makeDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> join(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all;
    }

    /** Lets it go; mounts vanish with the last process in here. */
    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
