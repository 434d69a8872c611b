/** What a client holds: a session, and the locks, services and key-values that it reaches through it. */
package io.balsa.statemachine.session;
