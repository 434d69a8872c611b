package io.balsa.server.command;

import io.balsa.statemachine.session.LockInfo;
import io.balsa.statemachine.session.LockMode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Tells of locks in JSON. */
final class LockJson {
    private LockJson() {}

    /** All of a lock; the fields of its only holder also stand beside it when it is held exclusively. */
    static Map<String, Object> of(LockInfo lock) {
        Map<String, Object> json = listed(lock);
        if (lock.mode() == LockMode.EXCLUSIVE) {
            lock.holder().ifPresent(holder -> {
                json.put("token", holder.id().token());
                json.put("lease", holder.id().toString());
                json.put("client", holder.clientName());
                json.put("remainingMillis", holder.remaining().toMillis());
            });
        }
        json.put("waiters", lock.waiters().stream().map(LockJson::of).toList());
        return json;
    }

    /** What a list of locks knows of one. */
    static Map<String, Object> listed(LockInfo lock) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", lock.name());
        json.put("held", lock.isHeld());
        if (lock.isHeld()) {
            json.put("mode", name(lock.mode()));
            if (lock.mode() == LockMode.PERMITS) {
                json.put("capacity", lock.capacity());
                json.put("permits", lock.permits());
            }
        }
        json.put("holderCount", lock.holderCount());
        json.put("waiterCount", lock.waiterCount());
        json.put("holders", lock.holders().stream().map(LockJson::of).toList());
        return json;
    }

    private static Map<String, Object> of(LockInfo.Holder holder) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("client", holder.clientName());
        json.put("session", holder.id().session());
        json.put("token", holder.id().token());
        json.put("lease", holder.id().toString());
        json.put("count", holder.count());
        if (holder.permits() > 0) {
            json.put("permits", holder.permits());
        }
        json.put("heldMillis", holder.held().toMillis());
        json.put("remainingMillis", holder.remaining().toMillis());
        putData(json, holder.data());
        return json;
    }

    private static Map<String, Object> of(LockInfo.Waiter waiter) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("session", waiter.session());
        json.put("client", waiter.clientName());
        json.put("mode", name(waiter.mode()));
        if (waiter.permits() > 0) {
            json.put("permits", waiter.permits());
        }
        waiter.waiting().ifPresent(waiting -> json.put("waitingMillis", waiting.toMillis()));
        json.put("remainingMillis", waiter.remaining().toMillis());
        putData(json, waiter.data());
        return json;
    }

    private static void putData(Map<String, Object> json, String data) {
        if (!data.isEmpty()) {
            json.put("data", data);
        }
    }

    private static String name(LockMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}
