/** Locks of a ZooKeeper ensemble, over a Curator client. Needs Curator and ZooKeeper's client, which are optional dependencies. */
package io.balsa.lock.zookeeper;
