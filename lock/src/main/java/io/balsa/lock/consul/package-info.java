/** Locks of a Consul cluster, over the client {@code org.kiwiproject:consul-client}, an optional dependency. */
package io.balsa.lock.consul;
