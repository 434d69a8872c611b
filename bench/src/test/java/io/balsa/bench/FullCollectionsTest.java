package io.balsa.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FullCollectionsTest {
    @Test
    void countsThoseThatGoThroughTheWholeHeap() {
        FullCollections before = FullCollections.now();

        Heap.usedBytes();

        assertThat(FullCollections.now().count()).isGreaterThan(before.count());
    }
}
