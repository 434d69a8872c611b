/**
 * What clients asked and were told, and whether a single copy of the data could have told them that: recorded, written,
 * read, and judged for linearizability (Wing and Gong's search with Lowe's cache of states).
 */
package io.balsa.simulation.history;
