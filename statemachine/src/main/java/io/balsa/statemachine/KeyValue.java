package io.balsa.statemachine;

import com.google.protobuf.ByteString;

/**
 * What a key has.
 *
 * @param revision the index of the entry that wrote it last
 * @param createRevision the index of the entry that created it
 */
record KeyValue(ByteString value, long revision, long createRevision) {}
