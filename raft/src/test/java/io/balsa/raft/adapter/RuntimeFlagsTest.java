package io.balsa.raft.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RuntimeFlagsTest {
    @Test
    void thePomStartsTestsWithExactlyTheNeededFlags() throws IOException {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        Matcher property = Pattern.compile("<balsa\\.jvm\\.flags>(.*?)</balsa\\.jvm\\.flags>", Pattern.DOTALL)
                .matcher(pom);
        assertThat(property.find()).isTrue();
        assertThat(property.group(1).strip().split("\\s+")).containsExactlyElementsOf(RuntimeFlags.needed());
    }

    @Test
    void nothingIsMissingHere() {
        assertThat(RuntimeFlags.missing()).isEmpty();
        RuntimeFlags.require();
    }

    @Test
    void aModuleThatNothingWasOpenedToLacksAll() {
        assertThat(RuntimeFlags.missingFor(Test.class.getModule())).isEmpty();
        assertThat(RuntimeFlags.missingFor(
                        ModuleLayer.boot().findModule("java.sql").orElseThrow()))
                .containsExactlyElementsOf(RuntimeFlags.needed());
    }

    @Test
    void aJvmWithoutFlagsGetsOneErrorThatNamesThem() throws Exception {
        ChildJvm.Ended ended = ChildJvm.run(List.of(), Main.class, "");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains(MissingRuntimeFlagsException.class.getName());
        assertThat(ended.output().lines().map(line -> line.replace(" \\", "").strip()))
                .containsAll(RuntimeFlags.needed());
    }

    /** Checks the flags of its own JVM. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            RuntimeFlags.require();
        }
    }
}
