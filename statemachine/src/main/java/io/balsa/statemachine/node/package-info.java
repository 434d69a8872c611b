/** What an application embeds to be a server of a Balsa cluster. */
package io.balsa.statemachine.node;
