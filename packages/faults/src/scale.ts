/** Whether the long form was asked for, by `npm run test:faults`. */
export const full = process.env.SNAKEPIT_FAULTS === "full"

/** How often, how many or how large: little in the short form, much in the long one. */
export const scaled = (little: number, much: number): number => (full ? much : little)
