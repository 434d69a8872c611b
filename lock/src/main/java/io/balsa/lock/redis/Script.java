package io.balsa.lock.redis;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.codec.Base16;
import java.nio.charset.StandardCharsets;

/**
 * What is done with locks at a server, each in one step that nothing comes between. The first argument is always the owner, a
 * value that no two holdings share; the key of the lock holds {@code owner:token}.
 */
enum Script {
    /**
     * Grants a free lock, and tells the one who has it already so, whose TTL begins anew. Never nearer than it is: this may be
     * an old request that arrives late, when the lock was renewed for longer.
     *
     * <p>The token is one more than the last, and not less than the microseconds of the server's clock: so it grows on even
     * where the counter was lost, or went back with what a failover lost, as long as the clocks are not wrong by more.
     *
     * <p>Keys: lock, token, abandoned. Arguments: owner, TTL in ms. Answers {what, number}, see {@link LockAnswer}.
     */
    ACQUIRE(
            ScriptOutputType.MULTI,
            """
            if mine then
                if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
                    redis.call('PEXPIRE', KEYS[1], ARGV[2])
                end
                return {1, tonumber(string.sub(held, #ARGV[1] + 2))}
            end
            if held then
                return {0, redis.call('PTTL', KEYS[1])}
            end
            if redis.call('EXISTS', KEYS[3]) == 1 then
                return {2, 0}
            end
            local time = redis.call('TIME')
            local last = tonumber(redis.call('GET', KEYS[2]) or '0')
            local step = math.max(1, time[1] * 1000000 + time[2] - last)
            local token = redis.call('INCRBY', KEYS[2], string.format('%.0f', step))
            redis.call('SET', KEYS[1], ARGV[1] .. ':' .. string.format('%.0f', token), 'NX', 'PX', ARGV[2])
            return {1, token}
            """),

    /** Puts the end of one's own lock off, never nearer. Keys: lock. Arguments: owner, TTL in ms. Answers 1 or 0. */
    RENEW(
            ScriptOutputType.INTEGER,
            """
            if not mine then
                return 0
            end
            if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
                redis.call('PEXPIRE', KEYS[1], ARGV[2])
            end
            return 1
            """),

    /** Releases one's own lock and tells who waits. Keys: lock. Arguments: owner, channel. Answers 1 or 0. */
    RELEASE(
            ScriptOutputType.INTEGER,
            """
            if not mine then
                return 0
            end
            redis.call('DEL', KEYS[1])
            redis.pcall('PUBLISH', ARGV[2], '')
            return 1
            """),

    /**
     * Releases like {@link #RELEASE}, and sees to it that requests of this owner that are still on their way are not granted.
     * Keys: lock, abandoned. Arguments: owner, channel, for how many ms. Answers 1 or 0.
     */
    ABANDON(
            ScriptOutputType.INTEGER,
            """
            if mine then
                redis.call('DEL', KEYS[1])
                redis.pcall('PUBLISH', ARGV[2], '')
            end
            redis.call('SET', KEYS[2], '', 'PX', ARGV[3])
            return mine and 1 or 0
            """);

    private static final String IS_MINE =
            """
            local held = redis.call('GET', KEYS[1])
            local mine = held and string.sub(held, 1, #ARGV[1] + 1) == ARGV[1] .. ':'
            """;

    private final ScriptOutputType output;
    private final String source;
    private final String digest;

    Script(ScriptOutputType output, String body) {
        this.output = output;
        this.source = IS_MINE + body;
        this.digest = Base16.digest(source.getBytes(StandardCharsets.UTF_8));
    }

    ScriptOutputType output() {
        return output;
    }

    String source() {
        return source;
    }

    /** By which a server knows a script that it has seen before. */
    String digest() {
        return digest;
    }
}
