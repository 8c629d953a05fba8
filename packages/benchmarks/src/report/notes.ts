// What is to be said about targets that are missed: why, and what would help. Written by people.

export const NOTES = ``
