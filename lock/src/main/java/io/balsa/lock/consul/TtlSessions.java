package io.balsa.lock.consul;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.kiwiproject.consul.ConsulException;

/**
 * Opens sessions that end by their TTL alone. Consul ends a session with the health of the agent's node too, unless it is sent
 * an empty list of checks; and its client sends no empty lists. So this one request is made without the client.
 *
 * <p>Thread-safe.
 */
final class TtlSessions {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final Pattern ID = Pattern.compile("\"ID\"\\s*:\\s*\"([^\"]+)\"");
    private static final int CLIENT_ERROR = 400;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final OkHttpClient http;
    private final String url;

    /** Consul refused to open a session, and always will. */
    static final class RefusedException extends ConsulException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** @param address of an agent, as a URL */
    TtlSessions(OkHttpClient http, String address) {
        this.http = http;
        url = (address.endsWith("/") ? address : address + "/") + "v1/session/create";
    }

    /** Opens a session; blocks within the timeouts of the client. @return its id */
    String open(String name, String ttl, String lockDelay, String behavior) {
        String body = "{\"Name\":" + quoted(name) + ",\"TTL\":" + quoted(ttl) + ",\"LockDelay\":" + quoted(lockDelay)
                + ",\"Behavior\":" + quoted(behavior) + ",\"Checks\":[]}";
        Request request = new Request.Builder()
                .url(url)
                .put(RequestBody.create(body, JSON))
                .build();
        try (Response response = http.newCall(request).execute()) {
            String answer = response.body().string();
            Matcher id = ID.matcher(answer);
            if (response.isSuccessful() && id.find()) {
                return id.group(1);
            }
            String failure = "Consul request to [" + url + "] failed with status [" + response.code() + "]: " + answer;
            boolean refused = response.code() >= CLIENT_ERROR
                    && response.code() < SERVER_ERROR
                    && response.code() != TOO_MANY_REQUESTS;
            throw refused ? new RefusedException(failure) : new ConsulException(failure);
        } catch (IOException e) {
            throw new ConsulException("Consul request to [" + url + "] failed due to IOException", e);
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (each < ' ') {
                quoted.append(String.format("\\u%04x", (int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }
}
