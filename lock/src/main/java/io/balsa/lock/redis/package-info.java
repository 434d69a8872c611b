/** Locks of Redis servers, through the client Lettuce, which whoever uses them has to have. */
package io.balsa.lock.redis;
