"""Words that open a clause or a property: cues, names of properties, pronouns, changes and asides, as tables."""

from . import lexicon as lex

CUES = {
    **dict.fromkeys(
        "the task fails,the task is failed,it fails,it is a failure,that is a failure,that counts as a failure,"
        "this is a failure,"
        "it counts as a failure,that counts as failure,it counts as failure,you lose,you fail,it is lost,the attempt fails,"
        "the episode fails,the run fails,it has failed,we lose,the test fails,the robot fails".split(","), "verdict_failure"),
    **dict.fromkeys(
        "the task succeeds,the task is done,it succeeds,it is a success,that is a success,that counts as a success,you win,"
        "it counts as a success,that counts as success,it counts as success,it is won,the episode succeeds,"
        "the task is complete,"
        "it is done,we win,the robot succeeds".split(","), "verdict_success"),
    **dict.fromkeys(
        "the task is to,the aim is to,the objective is to,your task is to,the job is to,the target is to,the aim is that,"
        "the aim is for,the task is for,the objective is that,the task is that,task is to,goal is to,"
        "success means that,success means,"
        "succeed once,succeed only if,succeeds only if,it succeeds if,it succeeds when,it works if,"
        "it is a success when,success is if,"
        "success only if,the task is complete when,the task is done if,the task is solved when,the task is solved if,"
        "i win if,you win if,"
        "we win if,you win when,we want,count it as a success if,count it as success if,success : ,success :,goal :,succeed :,"
        "the run succeeds if,the episode succeeds if,counts as success if,solved when,solved if,done when,success criterion :,"
        "such that,ensure that,ensure,in order that".split(","), "success"),
    **dict.fromkeys(
        "it is a failure when,failure means that,failure means,fails as soon as,fail as soon as,fail once,you lose if,"
        "you lose when,"
        "we lose if,it fails when,the task fails when,the episode fails if,the run fails if,failure :,fail :,"
        "failed if,fails once,"
        "count it as a failure if,counts as failure if,the task is failed if,i lose if,failure when".split(","), "failure"),
    **dict.fromkeys(
        "reward it for,a reward for,get,you get,give it,i get,award,earn,earns,you earn,it earns,it gets,"
        "the reward is,reward of,"
        "a reward of,score,you score,there is a reward for,grant,receive,receives,bonus of,a bonus of,bonus".split(","),
        "reward"),
    **dict.fromkeys(
        "penalty of,a penalty of,penalty,deduct,subtract,lose,loses,you lose,take off,a penalty for,"
        "there is a penalty for,minus,"
        "the penalty is,it loses".split(","), "penalty"),
    **{
        f"{who} {verb} {when}": role
        for role, verbs in (
            ("success", ("succeeds", "is successful", "is solved", "is complete", "is done", "is won", "is passed",
                         "is achieved",
                         "is reached", "is completed", "is accomplished", "is fulfilled", "counts as successful", "wins",
                         "counts as solved", "is considered solved", "is considered successful", "is a success", "passes")),
            ("failure", ("fails", "is lost", "is failed", "is over", "loses", "counts as failed", "is considered failed",
                         "is a failure", "counts as a failure", "ends in failure")),
        )
        for verb in verbs
        for who in ("the task", "the episode", "the run", "it", "the attempt", "the robot", "the trial", "this", "the game",
                    "the player", "the level", "the challenge", "the mission", "the agent", "the goal", "the round", "the test",
                    "the objective", "the experiment", "the scene", "the puzzle")
        for when in ("if", "when", "once", "only if", "as soon as")
    },
    **dict.fromkeys("what happens when,what would happen when,what will happen if,what will happen when,what happens once,"
                    "how about,what about if,what would happen,what about,imagine that,suppose that,and if,now suppose,"
                    "compare to,compare with the case where,in another branch,counterfactual :,alternatively".split(","),
                    "what_if"),
    **dict.fromkeys("must,should,may,has to,have to,shall,ought to,is supposed to,are supposed to,needs to,need to,"
    "might".split(","), "modal"),
    **dict.fromkeys("must not,should not,may not,shall not,has not to,is not allowed to,are not allowed to,mustn't,"
    "shouldn't,won't,"
                    "isn't,neither,none of,aren't,is not,are not,was not,were not,weren't,wasn't,can't,not to".split(","),
    "not"),
    **dict.fromkeys("a second later,a moment later,shortly after,shortly afterwards,thereafter,and after that,followed by,"
                    "subsequently,and finally,after which,lastly,secondly,once that is done,"
                    "when that is done".split(","), "then"),
    **dict.fromkeys("the moment,the instant,whenever,just when,only when,only once,immediately when,right after,"
    "immediately after,"
                    "directly after".split(","), "when"),
    "exactly": "==", "precisely": "==", "only": "==", "fewer than": "<=", "no fewer than": ">=", "not more than": "<=",
    "not less than": ">=", "no less than": ">=", "under": "<=", "below": "<=", "above": ">=", "minimum": ">=", "maximum": "<=",
    "exceeds": ">=", "exceed": ">=", "beyond": ">=", "further": ">=", "by at least": ">=", "by more than": ">=",
    "by at most": "<=",
    "and so": "then", "so": "comma", "because": "comma", "although": "comma", "–": "comma", "—": "comma", "/": "comma",
    **dict.fromkeys("event :,events :,objects :,object :,things :,items :,bodies :,environment :,world :,description :,steps :,"
                    "step :,then :,participants :,ingredients :,initial state :,start :,plan :,procedure :,input :,"
                    "what happens :,interaction :,dynamics :,motion :".split(","), "stop"),
    "setup :": "stop", "scene :": "stop", "action :": "stop", "actions :": "stop", "task :": "stop", "prompt :": "stop",
    "camera :": "camera", "view :": "camera", "viewed :": "camera", "camera": "camera", "from a camera": "camera",
    "filmed by a camera": "camera", "view it from": "camera", "look from": "camera", "as seen from": "camera",
    "duration :": "record", "duration": "record", "for a total of": "record", "simulate": "record",
    "what happens to": "shown", "what if": "what_if", "imagine": "what_if", "picture": "what_if", "assume": "what_if",
    "what would happen if": "what_if",
    "what happens if": "what_if", "suppose": "what_if",
    "and what if": "what_if", "compare with": "what_if", "how about if": "what_if",
    "succeed if": "success", "succeeds if": "success", "success if": "success", "success is when": "success",
    "success when": "success", "the goal is that": "success",
    "the goal is to": "success", "the goal is for": "success", "goal is that": "success", "so that": "success",
    "until it succeeds": "success", "it is a success if": "success", "the task is done when": "success",
    "succeed when": "success", "succeeds when": "success", "the task succeeds when": "success",
    "the task succeeds if": "success", "it counts as success if": "success", "make sure that": "success",
    "make sure": "success", "keep": "keep",
    "fail if": "failure", "fails if": "failure", "failure if": "failure", "it fails if": "failure",
    "the task fails if": "failure", "fail when": "failure", "it is a failure if": "failure",
    "failure is when": "failure", "fails when": "failure",
    "give": "reward", "reward": "reward", "give a reward": "reward", "penalize": "penalty", "penalise": "penalty",
    "punish": "penalty",
    "for": "for", "for every": "each", "for each": "each", "every time": "when", "with a penalty for": "penalty",
    "with a reward for": "reward",
    "then": "then", "and then": "then", "after that": "then", "afterwards": "then", "next": "then", "finally": "then",
    "later": "later", "after a delay of": "after", "without any": "without", "with no": "without",
    "first": "first", "at the same time": "while", "simultaneously": "while",
    "stop when": "until", "stops when": "until", "stop once": "until", "stop as soon as": "until", "stopping when": "until",
    "when": "when", "once": "when", "as soon as": "when", "until": "until", "while": "while", "without": "without",
    "after": "after", "before": "before", "if": "if", "but": "but", "unless": "unless",
    "and": "and", ",": "comma", ".": "stop", ";": "stop", "!": "stop", "?": "stop", ":": "stop", "never": "not",
    "not": "not", "don't": "not", "doesn't": "not", "does not": "not", "do not": "not", "must not": "not",
    "should not": "not", "cannot": "not", "no longer": "not", "at least": ">=", "at most": "<=", "more than": ">=",
    "less than": "<=", "over": "over", "no more than": "<=", "faster than": ">=", "slower than": "<=",
    "higher than": ">=", "lower than": "<=", "farther than": ">=", "further than": ">=", "up to": "<=",
    "at t =": "after", "t =": "after", "at time t =": "after", "at time": "after", "after t =": "after", "at t": "after",
    "wait": "pause", "wait for": "pause", "pause for": "pause", "pause": "pause", "waiting for": "pause", "then wait": "pause",
    "after waiting": "pause", "after waiting for": "pause", "wait another": "pause", "and wait": "pause",
    "immediately afterwards": "then", "right afterwards": "then", "immediately after that": "then",
    "directly afterwards": "then",
    "right after that": "then", "next up": "then", "thirdly": "then", "in the end": "then", "at last": "then",
    "straight after": "then",
    "straight afterwards": "then", "only then": "then", "soon after": "then", "soon afterwards": "then",
    "as long as": "while", "at once with": "while", "in the meantime": "while", "or": "or",
    "by the time": "when", "each time": "when", "just after": "when", "just as": "when",
    **dict.fromkeys("what would have happened if,what would have happened had,what would have happened,what changes if,"
                    "what would change if,how would it look if,how would it be if,what difference would it make if,now imagine,"
                    "imagine if,what if instead,what happens instead if,and if instead,how does it change if,"
                    "how does this change if,"
                    "how would this change if,would it change if,what is different if,let us suppose,let's suppose,"
                    "suppose instead,"
                    "now suppose that,assume instead,in a second version,in the other version,in an alternative,"
                    "in another version,compare this with,compare it with,compare that with,compared with,"
                    "compare to the case where,"
                    "compare with a case where,as a counterfactual,counterfactually,now do the same thing with,"
                    "do the same with,"
                    "repeat with,repeat it with,repeat the same with,the same with,and again with,once more with,"
                    "then again with,"
                    "now repeat with,repeat this with,but what if,so what if,or if,would the outcome change if,"
                    "would anything change if,would it still happen if,now with,instead with".split(","), "what_if"),
    **dict.fromkeys("how would it look without,what would happen without,what if there were no,what if there was no,"
                    "what would have happened without,what happens without,how would it be without,the same without,"
                    "what about without,compare with the case without,compare it with the case without,repeat without,"
                    "now without,do the same without,and without".split(","), "lacking"),
    **dict.fromkeys("the task counts as solved once,the task counts as solved when,the task counts as solved if,"
    "it counts as solved if,"
                    "it counts as solved when,it is solved when,it is solved if,it is considered successful if,"
                    "it is considered a success if,it is considered successful when,considered successful if,"
                    "consider it a success if,consider it successful if,the episode is a success if,"
                    "the episode is successful if,"
                    "the trial is a success if,the run is a success if,this is a success if,it succeeds as soon as,"
                    "success requires,success requires that,to succeed,to win,your goal is to,your goal is that,your goal :,"
                    "the goal :,objective :,aim :,"
                    "success criterion is,success condition :,the success criterion is that,success is defined as,"
                    "success is achieved when,success is achieved if,successful if,successful when,it is successful if,"
                    "it is successful when,we call it a success if,we call it success if,counts as a success if,passes if,"
                    "you win once,you win as soon as,the player wins if,the player wins when,in such a way that,so as to,"
                    "in a way that,"
                    "see to it that,be sure that,mission :,solved once,achieved when,achieved if,done if,done once,wins if,"
                    "complete when,complete once,completed when,completed once".split(","), "success"),
    **dict.fromkeys("it counts as failed if,it is considered a failure if,it is considered failed if,"
    "the episode is a failure if,"
                    "the trial fails if,the trial fails when,the attempt fails if,the attempt fails when,failed when,"
                    "consider it a failure if,it is lost if,the player loses if,the player loses when,failure condition :,"
                    "fails in case,abort if,terminate if,end the episode if,stop the episode if,game over if,"
                    "under no circumstances may,under no circumstances should,it is not allowed that,it is forbidden that,"
                    "avoid that,don't let,do not let,without letting,prevent,counts as a failure if,no success if".split(","),
    "failure"),
    **dict.fromkeys("the agent gets,the agent receives,the agent earns,the agent is rewarded for,"
    "the agent should be rewarded for,"
                    "the agent is given,the player gets,the player receives,the player earns,the robot gets,the robot receives,"
                    "the robot earns,reward the agent for,reward the agent with,reward the robot for,reward the robot with,"
                    "give the agent,give the robot,give the player,rewarded for,rewarded with,is rewarded for,"
                    "should be rewarded for,a reward is given for,gets a reward for,gets a reward of,receives a reward of,"
                    "with a reward of,give a reward of,assign a reward of,reward is,count a point if,count a point for,"
                    "count one point for,count one point if,add a point for,a bonus for,plus a bonus of,"
                    "and a bonus of".split(","), "reward"),
    **dict.fromkeys("penalised for,penalized for,is penalised for,is penalized for,should be penalized for,punished whenever,"
                    "should be punished whenever,punished for,is punished for,punished when,punished if,is penalized when,"
                    "is penalised when,the agent loses,the player loses,the robot loses,penalty :,it costs,"
                    "a penalty is given for,"
                    "with a penalty of,give a penalty of,and a penalty of,minus points for,negative reward for,"
                    "a negative reward for,a negative reward of,negative reward of,the agent is penalized for,"
                    "the agent is penalised for,the robot is penalized for,take away,penalise the agent for,"
                    "penalize the agent for,penalize the robot for,penalise the robot for,knock off points for".split(","),
    "penalty"),
    "or more": ">=", "or fewer": "<=", "or less": "<=", "or above": ">=", "or below": "<=", "or higher": ">=",
    "or faster": ">=",
    **dict.fromkeys((
        f"{lead}{camera} {prep}" for lead in ("", "and ") for prep in ("from", "at", "on")
        for camera in ("one more", "another camera", "a second camera", "a second one", "the second one", "one more camera",
                       "the other camera", "a third one", "a third camera", "the second camera", "the third one",
                       "a further one",
                       "one camera", "the first camera", "the first one")), "view"),
    "per": "each", "for all": "each", "one from": "view", "another from": "view", "another one from": "view",
    "and one from": "view", "the other from": "view", "the second from": "view",
    "had": "what_if", "and once": "what_if", "once more": "what_if", "alternatively , suppose": "what_if",
    "alternatively suppose": "what_if",
    **dict.fromkeys("would it,would they,would the result,would the outcome".split(","), "asking"),
    "nor": "and", "film from": "camera", "filmed from": "camera", "film it from": "camera", "seen from": "camera",
    "viewed from": "camera", "camera from": "camera", "with the camera": "camera", "the camera looks from": "camera",
    "recorded from": "camera", "watch from": "camera", "shot from": "camera", "view from": "camera",
    "the camera is": "camera", "watch it from": "camera", "looking from": "camera", "show it from": "camera",
    "record": "record", "run": "record", "last": "record", "lasting": "record", "recorded": "record",
    "simulate for": "record", "film": "record",
}  # fmt: skip
NAMED = {"diameter": "diameter", "radius": "radius", "height": "height", "width": "width", "length": "length", "mass": "mass",
         "weight": "mass", "thickness": "thickness", "friction": "friction", "slope": "angle", "angle": "angle", "side": "side",
         "restitution": "restitution", "density": "density", "size": "side", "spacing": "spacing", "gap": "spacing",
         "speed": "speed", "inclination": "angle", "sides": "side", "bounciness": "restitution",
         "force": "force", "impulse": "force", "strength": "force"}  # fmt: skip
PLAIN_WORDS = {word for table in (CUES, lex.CONDITIONS, lex.CAMERAS, lex.STRENGTH, lex.INTENSE, lex.ARRANGEMENTS, lex.GRAVITIES)
               for phrase in table for word in phrase.split()} | lex.PEOPLE  # fmt: skip
"""Words of phrases, which are no typos."""
CAMERAS_SAID = {f"{lead}{number} {name}" for lead in ("use ", "with ", "film with ", "filmed with ", "filmed by ", "using ", "")
                for number in ("two", "three", "2", "3", "several") for name in ("cameras", "views", "camera angles",
    "camera views")}  # fmt: skip
"""`Two cameras, one from the side and one from above`: the views that follow say how many."""
PRONOUNS = {"it", "they", "them", "everything", "both", "all"}
CONDITIONAL = set("success failure when until without what_if if reward penalty keep after before unless".split())
ASIDES = set(
    "to start the chain reaction,to start a chain reaction,to set off a chain reaction,to start,to begin with,chain reaction,"
    "at the start,to begin,by default,from rest,at rest,initially at rest,is at rest,on impact,upon impact,in the process,"
    "in order to,as shown,in sequence,in turn,in order,one by one,as fast as possible,i would like to see,i'd like to see,"
    "i would like,i'd like,i want to see,i want,we want to see,we would like,i need,we need,there is,there are,there will be,"
    "the scene consists of,the scene contains,the scene shows,the scene has,the scene is,the scene includes,"
    "the setup consists of,the setup is,the set - up consists of,the setup contains,consider,imagine a scene with,"
    "generate a scene with,create a scene with,make a scene with,build a scene with,set the scene with,a scene with,"
    "a scene in which,a scene where,a scenario in which,a scenario where,a situation where,a situation in which,"
    "a simulation in which,a simulation where,a simulation of,a dataset of,a dataset where,a dataset in which,"
    "i want a dataset where,i want a dataset in which,in the same direction,in opposite directions,the following,nothing moves,"
    "at first nothing moves,everything is at rest,at the very beginning,at the outset,in the first place,"
    "respectively,for good measure,just for fun,for fun,as well as possible,if you can,when ready,by hand,by accident,"
    "accidentally,on its side,by mistake,with care,in mid - air,in midair,mid - air,of some kind,some kind of,a kind of,"
    "a sort of,"
    "different colours,different colors,of different colours,of different colors,in different colours,in different colors,"
    "out of the way,in any direction,next to nothing,under gravity,under its own weight,by gravity,due to gravity,"
    "through the air,flying through the air,in full flight,in free fall,in a vacuum,in vacuum,without air resistance,"
    "in the real world,in real life,in simulation,step by step,for real,that is,which is,who is,in particular,"
    "along the way,all over,all around,all over the place,as a result,so to speak,no matter what,in a flash,in one go,"
    "with equal probability,with the same probability,equally likely,at random times,above the ground,above ground,"
    "off the ground,"
    "above the floor,to the horizontal,with the horizontal,from the vertical,from vertical,to the vertical,with the vertical,"
    "above the horizontal,relative to the horizontal,with respect to the horizontal,from the horizontal,off the floor,"
    "on the ground below,or so,or thereabouts,more or less,at most once,"
    "at a distance of,a distance of,with a distance of,from a distance of,up high,high up,from up high,once on earth,"
    "once on the earth,at the same speed,at the same height,at equal speed,"
    "of equal radius,of equal size,of the same size,of equal mass,of the same mass,with equal mass,of equal height,"
    "of equal length,"
    "at equal distances,of the same height,of identical size,one after the other,as well,on the left side of it,then let go,"
    "and let go,and then let go,"
    "head - on,at once,right away,all at once,in total,in all,at first,by itself,on its own,of course,at all,"
    "for example,as well,"
    "for me,at the beginning,for instance,if possible,e . g,in the beginning,in the scene,in front of us,in the world,"
    "per second of,"
    "thank you,in this experiment,in this scene,in this video,in this episode,in this simulation,in the experiment,"
    "spaced,how does,how do,how will,"
    "behave when,behaves when,react when,reacts when,see how,show how,with dimensions of,with dimensions,dimensions,"
    "starting,beginning,as on earth,as on the earth,than on earth,for a while,all the way,on purpose,as usual,"
    "this time,in this case,of them,as follows".split(","))  # fmt: skip
"""Turns that say nothing about the scene."""
FACTORS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "half": 0.5, "halved": 0.5}
CHANGES = {
    "missing": "missing", "removed": "missing", "gone": "missing", "absent": "missing", "friction": "friction",
    "gravity": "gravity", "nobody": "nobody", "nothing": "nobody",
}  # fmt: skip
PLACES = {
    f"{lead}{name}": value
    for lead in ("on the ", "on ", "in the ", "in ", "under ", "with ")
    for name, value in lex.GRAVITIES.items()
} | {
    f"{lead}{name}{end}": value
    for lead in ("at ", "in ", "under ", "with ", "at the ", "in the ", "under the ", "with the ")
    for end in ("'s gravity", " gravity")
    for name, value in lex.GRAVITIES.items()
}
PROPERTIES = NAMED | {
    "heights": "height", "masses": "mass", "weights": "mass", "speeds": "speed", "velocities": "speed", "forces": "force",
    "sizes": "side", "lengths": "length", "angles": "angle", "widths": "width", "radii": "radius", "diameters": "diameter",
    "impulses": "force", "strengths": "force", "frictions": "friction",
    "weighing": "mass", "weighs": "mass", "weigh": "mass", "coefficient of friction": "friction",
    "friction coefficient": "friction",
    "edge length": "side", "side length": "side", "edges": "side", "edge": "side", "starting height": "height",
    "drop height": "height",
    "starting speed": "speed", "initial speed": "speed", "initial velocity": "speed",
    "velocity": "speed", "distance between them": "spacing",
    "coefficient of restitution": "restitution", "restitution coefficient": "restitution", "tilt": "angle",
    "total mass": "mass",
    "measuring": "side", "measures": "side", "altitude": "height", "rate": "speed", "spacings": "spacing", "gaps": "spacing",
    "weighed": "mass", "blow": "force", "push": "force", "kick": "force", "shove": "force", "knock": "force",
    "hit": "force", "pull": "force",
    "volume": "volume", "capacity": "volume", "amplitude": "angle", "wall to wall": "width", "sized": "side",
}  # fmt: skip
QUICK = {"quick", "short", "sharp", "single", "sudden"}
BLOWS = {"blow", "push", "kick", "shove", "knock", "hit", "pull"}
LEADS = set("different various random arbitrary some with a an the of has have had having in at from by its whose "
            "their random constant total initial steady that is "
            "and varying fixed uniform".split()) - {"and"}  # fmt: skip
LINKS = set("of that is which are : = each was lies equals being about".split()) - {"about"}
